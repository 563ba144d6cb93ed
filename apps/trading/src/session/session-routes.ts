import type { LimitResult } from '@cache/rate-limit'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

import type { App } from '../app.ts'
import { parsed } from '../server/parsed.ts'
import { RequestFault } from '../server/request-fault.ts'
import { settingsChangeSchema } from '../settings/user-settings.ts'
import { factsOf } from './app-sessions.ts'
import type { SessionGuard, SignedIn } from './session-guard.ts'

const newUserSchema = z.object({
  name: z
    .string()
    .trim()
    .regex(/^[\p{L}\p{N}][\p{L}\p{N}_.@-]{1,63}$/u, 'Use 2 to 64 letters, digits, ".", "_", "-" or "@".'),
  password: z
    .string()
    .min(10, 'Use at least 10 characters.')
    .max(256, 'Use at most 256 characters.')
    .refine((text) => new Set(text).size > 4, 'Use more than 4 different characters.'),
})

const credentialsSchema = z.object({
  name: z.string().trim().min(1).max(64),
  password: z.string().min(1).max(256),
})

const handleSchema = z.object({ handle: z.string().min(1).max(100) })

/** Setting up, signing in and out, and the settings of whoever is signed in. */
export function sessionRoutes(server: FastifyInstance, app: App, guard: SessionGuard): void {
  server.get('/web/session', async (request) => {
    const signedIn = await guard.signedIn(request)
    if (signedIn !== undefined) return shown(app, signedIn)
    return { signedIn: false, setUp: await app.users.hasAnyone() }
  })
  server.post('/web/setup', async (request, reply) => {
    const credentials = parsed(newUserSchema, request.body)
    const user = (await app.users.hasAnyone()) ? undefined : await app.users.createFirst(credentials)
    if (user === undefined)
      throw new RequestFault(409, 'The app is set up already; sign in', { code: 'SET_UP' })
    return shown(app, await guard.signIn(user, request, reply))
  })
  server.post('/web/sign-in', async (request, reply) => {
    const credentials = parsed(credentialsSchema, request.body)
    refuseTooMany(await app.limits.signIn.consume(request.ip))
    const user = await app.users.authenticate(credentials)
    if (user === undefined) {
      request.log.warn({ ip: request.ip }, 'A sign-in failed')
      throw new RequestFault(401, 'Name or password is wrong', { code: 'WRONG_CREDENTIALS' })
    }
    // While the store is away, earlier failures go on counting; nobody is kept out for that.
    await app.limits.signIn.reset(request.ip).catch((error: unknown) => {
      request.log.warn({ err: error }, 'Failed sign-ins could not be forgotten')
    })
    return shown(app, await guard.signIn(user, request, reply))
  })
  server.post('/web/sign-out', async (request, reply) => {
    await guard.signOut(await guard.require(request), reply)
    return { signedIn: false, setUp: true }
  })
  server.get('/web/sessions', async (request) => {
    const { user, sessionId } = await guard.require(request)
    const own = app.sessions.handleOf(sessionId)
    const sessions = await app.sessions.ofUser(user.id)
    return sessions.map(({ handle, createdAtMs, data }) => {
      return { handle, createdAtMs, clientAddress: factsOf({ data }).clientAddress, current: handle === own }
    })
  })
  server.post('/web/sessions/end', async (request) => {
    const { user } = await guard.require(request)
    const { handle } = parsed(handleSchema, request.body)
    const isOwn = (await app.sessions.ofUser(user.id)).some((session) => session.handle === handle)
    if (!isOwn) throw new RequestFault(404, 'There is no such session')
    return { ended: (await app.sessions.revoke(handle)) ? 1 : 0 }
  })
  server.post('/web/sessions/end-others', async (request) => {
    const { user, sessionId } = await guard.require(request)
    return { ended: await app.sessions.revokeUser(user.id, { except: sessionId }) }
  })
  server.post('/web/settings', async (request) => {
    const { user } = await guard.require(request)
    const settings = await app.settings.change(user.id, parsed(settingsChangeSchema, request.body))
    await app.orderModes.changed(user.id)
    return settings
  })
}

function refuseTooMany({ allowed, retryAfterMs }: LimitResult): void {
  if (allowed) return
  const retryAfterSeconds = Math.ceil(retryAfterMs / 1000)
  const wait =
    retryAfterSeconds < 120 ? `${retryAfterSeconds} seconds` : `${Math.ceil(retryAfterSeconds / 60)} minutes`
  throw new RequestFault(429, `Too many failed sign-ins. Try again in ${wait}`, { retryAfterSeconds })
}

async function shown(app: App, { user, csrfToken }: SignedIn) {
  return {
    signedIn: true,
    setUp: true,
    user: { name: user.name, isAdmin: user.isAdmin },
    csrfToken,
    settings: await app.settings.get(user.id),
  }
}
