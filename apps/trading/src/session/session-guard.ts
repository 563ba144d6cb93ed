import { timingSafeEqual } from 'node:crypto'

import { asCaller } from '@cache/core'
import type { FastifyReply, FastifyRequest } from 'fastify'

import type { App } from '../app.ts'
import { signOutCaller } from '../cache-access.ts'
import { type KeyedHash, keyedHash } from '../secrets/installation-key.ts'
import { RequestFault } from '../server/request-fault.ts'
import type { User } from '../users/user-store.ts'
import { factsOf, type SessionFacts } from './app-sessions.ts'

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
    const { sessions, users } = this.#app
    const session = await sessions.load(cookie)
    const user = session && (await users.get(factsOf(session).userId))
    if (user !== undefined) return { user, sessionId: cookie, csrfToken: this.#csrf(cookie) }
    if (!sessions.isSigned(cookie))
      request.log.warn({ ip: request.ip }, 'A session cookie was not signed by this server')
    return undefined
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

  /** Starts a session and sends its cookie. The browser's former session, whoever had it, ends. */
  async signIn(user: User, request: FastifyRequest, reply: FastifyReply): Promise<SignedIn> {
    const { sessions, clock, lifetimeMs } = this.#app
    const former = request.cookies[sessionCookie]
    const facts: SessionFacts = { userId: user.id, clientAddress: request.ip }
    if (former !== undefined) await sessions.destroy(former)
    const id = await sessions.create({ ...facts })
    const nowMs = clock.wallMs()
    const expires = new Date(nowMs + lifetimeMs(nowMs))
    void reply.setCookie(sessionCookie, id, { ...this.#cookieOptions(), expires })
    return { user, sessionId: id, csrfToken: this.#csrf(id) }
  }

  async signOut({ sessionId, user }: SignedIn, reply: FastifyReply): Promise<void> {
    await this.#app.sessions.destroy(sessionId)
    await asCaller(signOutCaller, () => this.#app.caches.all.invalidateTags([`user:${user.id}`]))
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
    return { path: '/', httpOnly: true, sameSite: 'lax', secure: this.#https } as const
  }
}

function sameText(given: string | string[] | undefined, expected: string): boolean {
  if (typeof given !== 'string') return false
  const left = Buffer.from(given)
  const right = Buffer.from(expected)
  return left.length === right.length && timingSafeEqual(left, right)
}
