import { timingSafeEqual } from 'node:crypto'

import type { FastifyReply, FastifyRequest } from 'fastify'

import type { App } from '../app.ts'
import { type KeyedHash, keyedHash } from '../secrets/installation-key.ts'
import { RequestFault } from '../server/request-fault.ts'
import type { User } from '../users/user-store.ts'

export const sessionCookie = 'trading_session'
const csrfHeader = 'x-csrf-token'

/** Somebody who is signed in. */
export interface SignedIn {
  readonly user: User
  readonly sessionId: string
  /** To be sent back in the header `x-csrf-token` with every change. */
  readonly csrfToken: string
}

/** Finds out who sends a request. */
export class SessionGuard {
  readonly #app: App
  readonly #csrf: KeyedHash
  readonly #https: boolean

  constructor(app: App) {
    this.#app = app
    this.#csrf = keyedHash(app.key.derive('csrf'))
    this.#https = app.configuration.values.PUBLIC_URL?.protocol === 'https:'
  }

  /** `undefined` without a session, or with one that has ended. A forged cookie is also logged. */
  async signedIn(request: FastifyRequest): Promise<SignedIn | undefined> {
    const cookie = request.cookies[sessionCookie]
    if (cookie === undefined) return undefined
    const { valid, value: sessionId } = request.unsignCookie(cookie)
    if (!valid || sessionId === null) {
      request.log.warn({ ip: request.ip }, 'A session cookie was not signed by this server')
      return undefined
    }
    const session = await this.#app.sessions.find(sessionId)
    const user = session && (await this.#app.users.get(session.userId))
    return user && { user, sessionId, csrfToken: this.#csrf(sessionId) }
  }

  /** Whether the session of a request that is still being answered goes on. */
  async isSignedIn(request: FastifyRequest): Promise<boolean> {
    return (await this.signedIn(request)) !== undefined
  }

  /**
   * Who sends the request; a change must carry the session's CSRF token.
   *
   * @throws RequestFault 401 or 403
   */
  async require(request: FastifyRequest): Promise<SignedIn> {
    const signedIn = await this.signedIn(request)
    if (signedIn === undefined) throw new RequestFault(401, 'Sign in first', { code: 'SIGNED_OUT' })
    if (request.method === 'GET' || sameText(request.headers[csrfHeader], signedIn.csrfToken)) return signedIn
    throw new RequestFault(403, 'The page is out of date; reload it', { code: 'CSRF' })
  }

  /** Starts a session and sends its cookie. */
  async signIn(user: User, request: FastifyRequest, reply: FastifyReply): Promise<SignedIn> {
    const { id, expiresAtMs } = await this.#app.sessions.start(user.id, request.ip)
    void reply.setCookie(sessionCookie, id, { ...this.#cookieOptions(), expires: new Date(expiresAtMs) })
    return { user, sessionId: id, csrfToken: this.#csrf(id) }
  }

  async signOut({ sessionId, user }: SignedIn, reply: FastifyReply): Promise<void> {
    await this.#app.sessions.end(sessionId)
    await this.#app.caches.all.invalidateTags([`user:${user.id}`])
    void reply.clearCookie(sessionCookie, this.#cookieOptions())
  }

  /** Ties a sign-in at the broker to the session that began it. */
  brokerState(sessionId: string): string {
    return this.#csrf(`broker/${sessionId}`)
  }

  isBrokerState(sessionId: string, state: string): boolean {
    return sameText(state, this.brokerState(sessionId))
  }

  #cookieOptions() {
    return { path: '/', httpOnly: true, sameSite: 'lax', signed: true, secure: this.#https } as const
  }
}

function sameText(given: string | string[] | undefined, expected: string): boolean {
  if (typeof given !== 'string') return false
  const left = Buffer.from(given)
  const right = Buffer.from(expected)
  return left.length === right.length && timingSafeEqual(left, right)
}
