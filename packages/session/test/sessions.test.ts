import { readdir, readFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  during,
  faultyBackend,
  ManualClock,
  onlyFor,
  referenceBackend,
  type FaultPlan,
} from '@cache/conformance'
import { createCaches, type CachesOptions } from '@cache/core'
import { encryption } from '@cache/crypto'
import { memory } from '@cache/memory'
import { sqlite } from '@cache/sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createSessions, idSigner, type Sessions, type SessionsOptions } from '../src/index.ts'

const hourMs = 3_600_000

async function open(
  options: SessionsOptions = {},
  own: Partial<CachesOptions> = {},
): Promise<{ sessions: Sessions; clock: ManualClock }> {
  const clock = new ManualClock()
  const caches = await createCaches({ backend: memory(), environment: { clock }, ...own })
  onTestFinished(() => caches.close())
  return { sessions: createSessions(caches, options), clock }
}

describe('a session', () => {
  it('ends when it rests, and goes on while it is used', async () => {
    const { sessions, clock } = await open({ idle: '30m' })
    const id = await sessions.create({})
    for (let use = 0; use < 10; use++) {
      await clock.advanceAsync(29 * 60_000)
      expect(await sessions.touch(id)).toBe(true)
    }
    await clock.advanceAsync(31 * 60_000)
    expect(await sessions.load(id)).toBeUndefined()
  })

  it('ends at its absolute end, however much it is used', async () => {
    const { sessions, clock } = await open({ idle: '1h', absolute: '3h' })
    const id = await sessions.create({ n: 0 })
    for (let use = 0; use < 3; use++) {
      await clock.advanceAsync(hourMs - 60_000)
      const loaded = await sessions.load(id)
      expect(await sessions.save(id, { n: use }, { loaded })).toBeDefined()
    }
    await clock.advanceAsync(3 * 60_000 + 1000)
    expect(await sessions.load(id)).toBeUndefined()
  })

  it('does not last longer for a wall clock that is set back', async () => {
    const { sessions, clock } = await open({ idle: '1h', absolute: '2h' })
    const id = await sessions.create({})
    clock.stepWall(-24 * hourMs)
    expect(await sessions.touch(id)).toBe(true)
    await clock.advanceAsync(hourMs + 1000)
    expect(await sessions.load(id)).toBeUndefined()
  })

  it('is handed out as a copy', async () => {
    const { sessions } = await open()
    const id = await sessions.create({ list: [1] })
    const loaded = await sessions.load(id)
    const list = loaded?.data['list'] as number[] | undefined
    list?.push(2)
    expect((await sessions.load(id))?.data).toEqual({ list: [1] })
  })

  it('cannot be looked up while the backend is away, and that is no sign-out', async () => {
    let isAway = false
    const outage = during(() => isAway, { kind: 'fail', code: 'BACKEND_UNREACHABLE' })
    const backend = faultyBackend(referenceBackend(), onlyFor(['read', 'change'], outage))
    const { sessions, clock } = await open({}, { backend })
    const id = await sessions.create({ a: 1 })
    const loaded = await sessions.load(id)
    isAway = true
    await expect(sessions.load(id)).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    await expect(sessions.save(id, { a: 2 }, { loaded })).rejects.toMatchObject({
      code: 'BACKEND_UNREACHABLE',
    })
    await expect(sessions.revokeUser(1)).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    isAway = false
    await clock.advanceAsync(2000)
    expect((await sessions.load(id))?.data).toEqual({ a: 1 })
  })

  it('is not taken for ended, in the list of its user, where it cannot be read', async () => {
    let readsLeft = Number.POSITIVE_INFINITY
    const plan: FaultPlan = ({ operation, cache }) =>
      operation === 'read' && cache.endsWith(':data') && readsLeft-- <= 0
        ? { kind: 'fail', code: 'BACKEND_UNREACHABLE' }
        : undefined
    const { sessions, clock } = await open({}, { backend: faultyBackend(referenceBackend(), plan) })
    await sessions.create({ userId: 1 })
    const kept = await sessions.create({ userId: 1 })
    readsLeft = 1 // that of the new session, and not those of the others
    await expect(sessions.create({ userId: 1 })).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    readsLeft = 0
    await expect(sessions.ofUser(1)).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    await expect(sessions.revokeUser(1, { except: kept })).rejects.toMatchObject({
      code: 'BACKEND_UNREACHABLE',
    })
    readsLeft = Number.POSITIVE_INFINITY
    await clock.advanceAsync(2000)
    expect(await sessions.ofUser(1)).toHaveLength(2)
  })
})

describe('ids', () => {
  it('rest hashed, and the data of sensitive sessions sealed', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'cache-session-'))
    onTestFinished(() => rm(directory, { recursive: true, force: true }))
    const backend = sqlite({ directory })
    const protection = encryption({ keyFile: join(directory, '.key') })
    const caches = await createCaches({ backend, protection })
    onTestFinished(() => caches.close())
    const plain = createSessions(caches, { name: 'plain' })
    const sealed = createSessions(caches, { name: 'sealed', sensitive: true })
    const ids = [
      await plain.create({ userId: 'ada' }),
      await sealed.create({ userId: 'grace', secret: 'hopper' }),
    ]
    expect((await sealed.load(ids[1] ?? ''))?.data).toEqual({ userId: 'grace', secret: 'hopper' })
    expect(await sealed.touch(ids[1] ?? '')).toBe(true)
    expect(await sealed.ofUser('grace')).toHaveLength(1)
    expect(await sealed.length()).toBe(1)
    await expect(sealed.all()).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    const files = await readdir(directory)
    const written = await Promise.all(files.map((file) => readFile(join(directory, file), 'latin1')))
    for (const text of [...ids, 'hopper', 'grace']) expect(written.join('\n')).not.toContain(text)
    expect(written.join('\n')).toContain('ada')
  })

  it('are signed where there are secrets, and refused when they were altered', async () => {
    const secrets = ['a'.repeat(32), 'b'.repeat(32)]
    const { sessions } = await open({ secrets })
    const id = await sessions.create({ a: 1 })
    expect((await sessions.load(id))?.data).toEqual({ a: 1 })
    const [raw = '', signature = ''] = id.split('.')
    for (const forged of [
      raw,
      `${raw}.`,
      `${raw}.${signature.slice(1)}`,
      `x${id}`,
      `.${signature}`,
      `${id}.${signature}`,
    ])
      expect(await sessions.load(forged)).toBeUndefined()
    const rotated = (await sessions.rotate(id)) ?? ''
    expect((await sessions.load(rotated))?.data).toEqual({ a: 1 })
    expect(await sessions.destroy(rotated)).toBe(true)
  })

  it('are accepted with a former secret, and then to be renewed', () => {
    const before = idSigner('b'.repeat(32))
    const now = idSigner(['a'.repeat(32), 'b'.repeat(32)])
    expect(now.unsign(before.sign('id'))).toEqual({ valid: true, renew: true, value: 'id' })
    expect(now.unsign(now.sign('id'))).toEqual({ valid: true, renew: false, value: 'id' })
    expect(before.unsign(now.sign('id'))).toEqual({ valid: false, renew: false, value: null })
  })
})

it.each([
  [{ idle: 0 }, /idle/],
  [{ absolute: Number.NaN }, /absolute/],
  [{ maxPerUser: 0 }, /maxPerUser/],
  [{ secrets: 'short' }, /secrets/],
  [{ secrets: [] }, /secrets/],
  [{ ttl: '1h' }, /no option 'ttl'/],
  [{ sensitive: true }, /protection/],
])('options that make no sense are refused: %j', async (options, message) => {
  await expect(open(options as never)).rejects.toThrow(message)
})
