import type { AddressInfo } from 'node:net'
import cookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import { createCaches } from '@cache/core'
import { memory } from '@cache/memory'
import express from 'express'
import session from 'express-session'
import fastify from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { expressSessionStore } from '../src/express.ts'
import { fastifySessionStore } from '../src/fastify.ts'
import { createSessions, idSigner, type Sessions } from '../src/index.ts'

const secret = 'a secret of at least thirty-two characters'

interface Served {
  readonly url: string
  readonly sessions: Sessions
}

async function openSessions(): Promise<Sessions> {
  const caches = await createCaches({ backend: memory() })
  onTestFinished(() => caches.close())
  return createSessions(caches, { maxPerUser: 5 })
}

/** A request waits until the next one to the same path has come as well. */
class Meeting {
  #first: (() => void) | undefined

  async meet(): Promise<void> {
    if (this.#first) {
      this.#first()
      this.#first = undefined
      return
    }
    await new Promise<void>((resolve) => (this.#first = resolve))
  }
}

type Data = Record<string, unknown>

/** What each route does with a session, the same in both frameworks. */
const routes: Readonly<Record<string, (data: Data, meeting: Meeting) => Promise<unknown>>> = {
  '/sign-in': async (data) => (data['userId'] = 7),
  '/look': async (data) => ({ ...data, cookie: undefined }),
  '/one': async (data, meeting) => {
    await meeting.meet()
    data['one'] = 1
  },
  '/two': async (data, meeting) => {
    await meeting.meet()
    data['two'] = 2
  },
}

async function serveExpress(cookieOptions: object = {}): Promise<Served> {
  const sessions = await openSessions()
  const store = expressSessionStore(sessions)
  const app = express()
  const meeting = new Meeting()
  app.use(
    session({
      store,
      secret,
      resave: false,
      saveUninitialized: false,
      cookie: { maxAge: 60_000, ...cookieOptions },
    }),
  )
  for (const [path, act] of Object.entries(routes)) {
    app.get(path, (request, response, next) => {
      act(request.session as unknown as Data, meeting).then((said) => response.json(said ?? null), next)
    })
  }
  app.get('/sign-out', (request, response, next) => {
    request.session.destroy((error: unknown) => (error ? next(error) : response.json(null)))
  })
  app.get('/regenerate', (request, response, next) => {
    request.session.regenerate((error: unknown) => {
      if (!error) (request.session as unknown as Data)['fresh'] = true
      if (error) next(error)
      else response.json(null)
    })
  })
  const server = app.listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sessions }
}

async function serveFastify(): Promise<Served> {
  const sessions = await openSessions()
  const app = fastify()
  onTestFinished(() => app.close())
  await app.register(cookie)
  await app.register(fastifySession, {
    secret: idSigner(secret) as never,
    store: fastifySessionStore(sessions),
    saveUninitialized: false,
    cookie: { secure: false, maxAge: 60_000 },
  })
  const meeting = new Meeting()
  for (const [url, act] of Object.entries(routes)) {
    app.route({
      method: 'GET',
      url,
      handler: async (request) => (await act(request.session as unknown as Data, meeting)) ?? {},
    })
  }
  app.route({
    method: 'GET',
    url: '/sign-out',
    handler: async (request) => {
      await request.session.destroy()
      return {}
    },
  })
  app.route({
    method: 'GET',
    url: '/regenerate',
    handler: async (request) => {
      await request.session.regenerate()
      ;(request.session as unknown as Data)['fresh'] = true
      return {}
    },
  })
  return { url: await app.listen({ host: '127.0.0.1', port: 0 }), sessions }
}

/** A browser that keeps its cookie. */
class Browser {
  cookie = ''
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  async visit(path: string): Promise<unknown> {
    const response = await fetch(`${this.#url}${path}`, { headers: { cookie: this.cookie } })
    const set = response.headers.getSetCookie()[0]
    if (set !== undefined) this.cookie = set.split(';')[0] ?? ''
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    return response.json()
  }
}

describe.each([
  ['express-session', serveExpress],
  ['@fastify/session', serveFastify],
] as const)('sessions of %s', (_name, serve) => {
  it('last from one request to the next, and end when they are signed out', async () => {
    const { url, sessions } = await serve()
    const browser = new Browser(url)
    await browser.visit('/sign-in')
    expect(await browser.visit('/look')).toMatchObject({ userId: 7 })
    expect(await sessions.length()).toBe(1)
    expect(await sessions.ofUser(7)).toHaveLength(1)
    await browser.visit('/sign-out')
    expect(await sessions.length()).toBe(0)
    expect(await browser.visit('/look')).not.toHaveProperty('userId')
  })

  it('lose nothing when two requests change them at the same time', async () => {
    const { url } = await serve()
    const browser = new Browser(url)
    await browser.visit('/sign-in')
    await Promise.all([browser.visit('/one'), browser.visit('/two')])
    expect(await browser.visit('/look')).toMatchObject({ userId: 7, one: 1, two: 2 })
  })

  it('end at once when the user is revoked, also for a request that is under way', async () => {
    const { url, sessions } = await serve()
    const [one, other] = [new Browser(url), new Browser(url)]
    await one.visit('/sign-in')
    await other.visit('/sign-in')
    const underWay = one.visit('/one')
    await expect.poll(() => sessions.length()).toBe(2)
    expect(await sessions.revokeUser(7)).toBe(2)
    await Promise.all([underWay, new Browser(url).visit('/one')])
    expect(await one.visit('/look')).not.toHaveProperty('userId')
    expect(await other.visit('/look')).not.toHaveProperty('userId')
    expect(await sessions.ofUser(7)).toEqual([])
  })

  it('are at most five for a user', async () => {
    const { url, sessions } = await serve()
    for (let number = 0; number < 7; number++) await new Browser(url).visit('/sign-in')
    expect(await sessions.ofUser(7)).toHaveLength(5)
  })

  it('begin anew under another id', async () => {
    const { url, sessions } = await serve()
    const browser = new Browser(url)
    await browser.visit('/sign-in')
    const before = browser.cookie
    await browser.visit('/regenerate')
    expect(browser.cookie).not.toBe(before)
    expect(await browser.visit('/look')).toMatchObject({ fresh: true })
    browser.cookie = before
    expect(await browser.visit('/look')).not.toHaveProperty('userId')
    expect(await sessions.length()).toBe(1)
  })

  it('are not found by a cookie that somebody made up', async () => {
    const { url } = await serve()
    const browser = new Browser(url)
    await browser.visit('/sign-in')
    browser.cookie = `${browser.cookie.slice(0, -3)}abc`
    expect(await browser.visit('/look')).not.toHaveProperty('userId')
  })
})

describe('the store of express-session', () => {
  it('touches what was not changed, for as long as the cookie lasts', { timeout: 30_000 }, async () => {
    const { url, sessions } = await serveExpress({ maxAge: 3000 })
    const browser = new Browser(url)
    await browser.visit('/sign-in')
    for (let visit = 0; visit < 3; visit++) {
      await new Promise((resolve) => setTimeout(resolve, 1200))
      expect(await browser.visit('/look')).toMatchObject({ userId: 7 })
    }
    await expect.poll(() => sessions.length(), { timeout: 15_000 }).toBe(0)
  })

  it('answers callbacks, and passes errors on', async () => {
    const caches = await createCaches({ backend: memory() })
    const store = expressSessionStore(createSessions(caches))
    const called = <T>(call: (done: (error: unknown, result?: T) => void) => void): Promise<T | undefined> =>
      new Promise((resolve, reject) => {
        call((error, result) => (error ? reject(error) : resolve(result)))
      })
    const data = { cookie: { originalMaxAge: null } } as never
    await called((done) => store.set('id', data, done))
    expect(await called((done) => store.length?.(done))).toBe(1)
    expect(await called<unknown[]>((done) => store.all?.(done as never))).toHaveLength(1)
    await called((done) => store.touch?.('id', data, () => done(null)))
    await called((done) => store.clear?.(done as never))
    expect(await called((done) => store.get('id', done))).toBeNull()
    await called((done) => store.destroy('id', done))
    store.set('id', data)
    await caches.close()
    await expect(called((done) => store.get('id', done))).rejects.toMatchObject({ code: 'CLOSED' })
  })
})
