import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom, type Random } from '@cache/conformance'
import type { Address } from '@cache/tooling-backends'
import { TestServer } from '@cache/tooling-servers'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Order, Version } from '../src/member.ts'
import { Member } from './fleet.ts'

async function sqliteFile(): Promise<Address> {
  const directory = mkdtempSync(join(tmpdir(), 'mixed-fleet-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return { kind: 'sqlite', directory }
}

async function redisServer(): Promise<Address> {
  const server = await TestServer.start({ kind: 'redis' })
  onTestFinished(() => server.stop())
  return { kind: 'redis', url: server.url }
}

const places = [
  { name: 'one SQLite file', place: sqliteFile },
  { name: 'one Redis', place: redisServer },
]
const versions: readonly Version[] = ['previous', 'current', 'previous', 'current']

async function fleet(address: Address, l1: boolean): Promise<Member[]> {
  const members: Member[] = []
  // After the places, so that it is done before them.
  onTestFinished(async () => void (await Promise.all(members.map((member) => member.end()))))
  for (const version of versions) members.push(await Member.start({ version, address, l1 }))
  return members
}

/** Nothing that one version stored was unreadable or looked forged to another. */
async function expectNoErrors(members: readonly Member[]): Promise<void> {
  for (const member of members) {
    const caches = (await member.tell({ do: 'stats' })) as { errors: number; forgeries: number }[]
    for (const counts of caches) expect(counts).toMatchObject({ errors: 0, forgeries: 0 })
  }
}

/** What the cache must hold, kept beside it. */
class Model {
  readonly #values = new Map<string, unknown>()

  /** The answer that an order must have. */
  apply(order: Order): unknown {
    switch (order.do) {
      case 'set':
        this.#values.set(order.key, order.value)
        return true
      case 'getOrLoad':
        if (!this.#values.has(order.key)) this.#values.set(order.key, order.value)
        return this.#values.get(order.key)
      case 'get':
        return this.#values.get(order.key) ?? null
      case 'delete':
        return this.#values.delete(order.key)
      case 'tag':
        for (const key of this.#values.keys())
          if (order.key === `of:${key}` || order.key === `tag:${key.at(-1)}`) this.#values.delete(key)
        return null
      default:
        this.#values.clear()
        return null
    }
  }
}

function randomOrder(random: Random, value: number): Order {
  const kinds = ['plain', 'secret']
  const key = `${kinds[random.below(2)]}${random.below(12)}`
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
      return { do: 'set', key, value: { value, text: 'ä'.repeat(random.below(40)) } }
    case 3:
    case 4:
      return { do: 'getOrLoad', key, value: [value, null, 'loaded'] }
    case 5:
      return { do: 'delete', key }
    case 6:
      return { do: 'tag', key: random.below(2) === 0 ? `of:${key}` : `tag:${key.at(-1)}` }
    case 7:
      return random.below(5) === 0 ? { do: 'clear' } : { do: 'get', key }
    default:
      return { do: 'get', key }
  }
}

describe.each(places)('the previous and the current version on $name', ({ place }) => {
  it('read what the other wrote, and nothing that was invalidated', async () => {
    const members = await fleet(await place(), false)
    const random = seededRandom(7)
    const model = new Model()
    for (let step = 0; step < 600; step++) {
      const order = randomOrder(random, step)
      const answer = await members[random.below(members.length)]?.tell(order)
      expect(answer, `step ${step}: ${JSON.stringify(order)}`).toEqual(model.apply(order))
    }
    await expectNoErrors(members)
  })

  it('drop from their memory what the other changed, within the bound', async () => {
    const members = await fleet(await place(), true)
    for (let round = 0; round < 3; round++) {
      const [writer, ...readers] = [...members.slice(round), ...members.slice(0, round)]
      await writer?.tell({ do: 'set', key: 'plain1', value: round })
      await writer?.tell({ do: 'set', key: 'secret1', value: round })
      for (const reader of readers) {
        await expect.poll(() => reader.tell({ do: 'get', key: 'plain1' }), { timeout: 20_000 }).toBe(round)
        await expect.poll(() => reader.tell({ do: 'get', key: 'secret1' }), { timeout: 20_000 }).toBe(round)
      }
    }
    await expectNoErrors(members)
  })

  it('lose none of the changes that they make at the same time', async () => {
    const members = await fleet(await place(), false)
    const counts = Array.from({ length: 25 }, () =>
      members.map((member) => member.tell({ do: 'increment', key: 'count' })),
    )
    const answers = (await Promise.all(counts.flat())) as number[]
    expect(answers.toSorted((one, other) => one - other)).toEqual(
      Array.from({ length: 100 }, (_, n) => n + 1),
    )
    await expectNoErrors(members)
  })

  it('load a cold key once', async () => {
    const members = await fleet(await place(), false)
    const loads = members.map((member, index) =>
      member.tell({ do: 'getOrLoad', key: 'plain1', value: index }),
    )
    expect(new Set(await Promise.all(loads)).size).toBe(1)
  })

  it('share locks, limits and sessions', async () => {
    const members = await fleet(await place(), false)
    const all = async (order: Order): Promise<unknown[]> => {
      const answers: unknown[] = []
      for (const member of members) answers.push(await member.tell(order))
      return answers
    }
    for (const [index, member] of members.entries()) {
      expect(await member.tell({ do: 'lock', key: 'one' })).toBe(true)
      const others = members.filter((_, other) => other !== index)
      for (const other of others) expect(await other.tell({ do: 'lock', key: 'one' })).toBe(false)
      expect(await member.tell({ do: 'unlock', key: 'one' })).toBe(true)
    }
    const admitted: unknown[] = []
    for (let call = 0; call < 7; call++) admitted.push(...(await all({ do: 'consume', key: 'user' })))
    expect(admitted.filter((allowed) => allowed === true)).toHaveLength(20)

    for (const member of members) {
      const id = (await member.tell({ do: 'signIn', key: 'ada' })) as string
      for (const data of await all({ do: 'session', key: id })) expect(data).toMatchObject({ userId: 'ada' })
    }
    await expectNoErrors(members)
  })

  it('find everything after an upgrade, and after the way back', async () => {
    const address = await place()
    const orders: Order[] = ['plain1', 'plain2', 'secret1'].map((key) => ({ do: 'set', key, value: [key] }))
    for (const [writes, reads] of [versions, versions.toReversed()] as [Version, Version][]) {
      await using before = await Member.start({ version: writes, address, l1: true })
      for (const order of orders) expect(await before.tell(order)).toBe(true)
      await before.end()
      await using after = await Member.start({ version: reads, address, l1: true })
      for (const key of ['plain1', 'plain2', 'secret1'])
        expect(await after.tell({ do: 'get', key })).toEqual([key])
      await expectNoErrors([after])
    }
  })
})
