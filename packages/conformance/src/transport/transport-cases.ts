import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { isCacheError } from '@cache/core'
import type { Invalidation } from '@cache/core'
import type { TransportCase } from './transport-case.ts'
import { eventually, invalidationOf, type TransportCaseContext } from './transport-context.ts'

const odd = ['', 'ключ 🔑', 'a:b%c{d}', '"\\\n\u0000', 'x'.repeat(10_000)]

const invalidations: readonly Invalidation[] = [
  { kind: 'keys', keys: ['k'], sequence: 1 },
  { kind: 'keys', keys: odd, first: 2, sequence: 6 },
  { kind: 'tags', tags: odd, sequence: 7 },
  { kind: 'clear', sequence: 8 },
  { kind: 'keys', keys: ['last'], sequence: 1_764_158_400_000_042 },
]

async function assertCode(call: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(call, (error) => isCacheError(error) && error.code === code, `expected ${code}`)
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}

async function sayAll(context: TransportCaseContext, count: number): Promise<void> {
  for (const sequence of upTo(count)) await context.say(invalidationOf(sequence))
}

const delivery: readonly TransportCase[] = [
  {
    name: 'declares who publishes',
    run: async (context) => {
      assert.equal(context.transport().publishedBy, context.harness.publishedBy)
    },
  },
  {
    name: 'delivers every kind of invalidation as it was, whatever the names hold',
    run: async (context) => {
      const ear = await context.listening()
      for (const invalidation of invalidations) await context.say(invalidation)
      await eventually(() => ear.sequences.length >= invalidations.length, 'all should arrive')
      const told = ear.messages.filter(({ invalidation }) => invalidation.sequence > 0)
      assert.deepEqual(
        told,
        invalidations.map((invalidation) => ({ cache: 'cases', epoch: 'epoch', invalidation })),
      )
    },
  },
  {
    name: 'delivers to everyone, in order',
    run: async (context) => {
      const ears = [await context.listening(), await context.listening(), await context.listening()]
      await sayAll(context, 500)
      for (const ear of ears) {
        await eventually(() => ear.sequences.at(-1) === 500, 'the last should arrive')
        assert.deepEqual(ear.sequences, upTo(500))
      }
    },
  },
  {
    name: 'delivers nothing of another prefix',
    run: async (context) => {
      const ear = await context.listening()
      const other = await context.listening('conformance2')
      await context.say(invalidationOf(1), 'conformance2')
      await context.say(invalidationOf(2))
      await eventually(() => ear.sequences.includes(2), 'its own should arrive')
      assert.deepEqual(ear.sequences, [2])
      assert.ok(!other.sequences.includes(2))
    },
  },
  {
    name: 'an invalidation of thousands of names arrives, or is refused, and what follows arrives',
    run: async (context) => {
      const ear = await context.listening()
      const keys = upTo(20_000).map((index) => `key-${index}-${'x'.repeat(90)}`)
      const carried = await context.say({ kind: 'keys', keys, sequence: 1 }).then(
        () => true,
        () => false,
      )
      await context.say(invalidationOf(2))
      await eventually(() => ear.sequences.includes(2), 'the next should arrive')
      if (carried && ear.sequences.includes(1)) assert.deepEqual(ear.sequences, [1, 2])
    },
  },
  {
    name: 'a slow listener hears everything in order, or misses some, and later hears again',
    run: async (context) => {
      const ear = await context.listening()
      ear.hear = () => {
        const endMs = performance.now() + 0.5
        while (performance.now() < endMs);
      }
      const saying = upTo(2000).map((sequence) =>
        context.say(invalidationOf(sequence)).catch(() => undefined),
      )
      await Promise.all(saying)
      ear.hear = () => undefined
      await eventually(async () => {
        await context.say(invalidationOf(5000))
        return ear.sequences.includes(5000)
      }, 'it should hear again')
      const heard = ear.sequences.filter((sequence) => sequence <= 2000)
      assert.deepEqual(
        heard,
        heard.toSorted((a, b) => a - b),
      )
    },
  },
  {
    name: 'outlives a listener that throws',
    run: async (context) => {
      const ear = await context.listening()
      ear.hear = ({ invalidation }) => {
        if (invalidation.sequence === 1) throw new Error('a listener failed')
      }
      await context.say(invalidationOf(1))
      await context.say(invalidationOf(2))
      await eventually(() => ear.sequences.includes(2), 'the next should arrive')
      assert.equal(ear.reports.length, 1)
    },
  },
]

const publishing: readonly TransportCase[] = [
  {
    name: 'takes messages while nobody listens, and settles each call however many there are',
    forEngine: true,
    run: async (context) => {
      const { transport } = await context.ear()
      const calls = upTo(5000).map((sequence) =>
        transport.publish({ cache: 'cases', epoch: 'epoch', invalidation: invalidationOf(sequence) }),
      )
      for (const result of await Promise.allSettled(calls)) {
        if (result.status === 'rejected') assert.equal(result.reason?.code, 'TRANSPORT_FAILED')
      }
    },
  },
  {
    name: 'refuses to publish before its start and after its end',
    forEngine: true,
    run: async (context) => {
      const transport = context.transport()
      const message = { cache: 'cases', epoch: 'epoch', invalidation: invalidationOf(1) }
      await assertCode(transport.publish(message), 'CLOSED')
      await context.ear(undefined, transport)
      await transport.close()
      await assertCode(transport.publish(message), 'CLOSED')
    },
  },
  {
    name: 'a message too large to be carried is refused with an error that says so',
    forEngine: true,
    run: async (context) => {
      const { transport } = await context.ear()
      const keys = ['x'.repeat(64 * 1024 * 1024)]
      const invalidation = { kind: 'keys', keys, sequence: 1 } as const
      const [result] = await Promise.allSettled([
        transport.publish({ cache: 'cases', epoch: 'epoch', invalidation }),
      ])
      if (result?.status === 'rejected') assert.equal(result.reason?.code, 'TRANSPORT_FAILED')
    },
  },
]

const life: readonly TransportCase[] = [
  {
    name: 'tells its listener that it is connected',
    run: async (context) => {
      const ear = await context.ear()
      await eventually(() => ear.connects > 0, 'it should be told')
    },
  },
  {
    name: 'refuses to be started twice',
    run: async (context) => {
      const ear = await context.listening()
      await assertCode(context.ear(undefined, ear.transport), 'TRANSPORT_FAILED')
      await context.say(invalidationOf(1))
      await eventually(() => ear.sequences.includes(1), 'the first start should still hold')
    },
  },
  {
    name: 'can be closed before its start, while it starts, and twice',
    run: async (context) => {
      const unused = context.transport()
      await unused.close()
      const starting = context.transport()
      const start = context.ear(undefined, starting).catch(() => undefined)
      await starting.close()
      await start
      await starting.close()
      const ear = await context.ear()
      await Promise.all([ear.transport.close(), ear.transport.close()])
    },
  },
  {
    name: 'calls no listener after its end',
    run: async (context) => {
      const ear = await context.listening()
      const other = await context.listening()
      await ear.transport.close()
      const { connects } = ear
      await context.say(invalidationOf(1))
      await eventually(() => other.sequences.includes(1), 'others should hear it')
      await sleep(20)
      assert.deepEqual([ear.sequences, ear.connects], [[], connects])
    },
  },
  {
    name: 'leaves nothing running',
    run: async (context) => {
      const ears = [await context.listening(), await context.listening()]
      const open = resources()
      for (const { transport } of ears) await transport.close()
      await eventually(() => resources() <= open, 'what was open should be closed')
      const again = [await context.listening(), await context.listening()]
      for (const { transport } of again) await transport.close()
      await eventually(() => resources() <= open, 'nothing should pile up')
    },
  },
  {
    name: 'comes and goes without harm to those that stay',
    run: async (context) => {
      const ear = await context.listening()
      for (const sequence of upTo(10)) {
        const passing = await context.ear()
        await context.say(invalidationOf(sequence))
        await passing.transport.close()
      }
      await eventually(() => ear.sequences.includes(10), 'all should arrive')
      assert.deepEqual(ear.sequences, upTo(10))
    },
  },
]

const garbage = [
  '',
  '{',
  'null',
  '[]',
  '{"__proto__":{}}',
  '[1,2,3]',
  '\u0000'.repeat(100),
  'x'.repeat(3 * 1024 * 1024),
]

const faults: readonly TransportCase[] = [
  {
    name: 'delivers nothing that is no message, reports it once, and goes on',
    needs: 'sayRaw',
    run: async (context) => {
      const ear = await context.listening()
      for (const text of garbage) await context.fixture.sayRaw?.(text, 'conformance')
      await eventually(async () => {
        await context.say(invalidationOf(1))
        return ear.sequences.length > 0
      }, 'what follows should arrive')
      assert.ok(ear.sequences.every((sequence) => sequence === 1))
      assert.equal(ear.reports.length, 1)
    },
  },
  {
    name: 'tells of each connection that was made again, and hears again',
    needs: 'cut',
    run: async (context) => {
      const ear = await context.listening()
      const { connects } = ear
      await context.fixture.cut?.()
      await eventually(() => ear.connects > connects, 'it should be told')
      await context.greet(ear)
    },
  },
]

const watching: readonly TransportCase[] = [
  {
    name: 'says that anything may have been touched when it begins to watch, and names what is touched from then on',
    needs: 'touch',
    run: async (context) => {
      const ear = await context.ear()
      await eventually(() => ear.allTouched > 0, 'it should begin to watch')
      assert.deepEqual(ear.touched, [])
      await context.fixture.touch?.(['other'], 'conformance2')
      await context.fixture.touch?.(odd, 'conformance')
      await eventually(() => ear.touched.length >= odd.length, 'it should be told')
      assert.deepEqual(new Set(ear.touched), new Set(odd))
      assert.equal(ear.allTouched, 1)
    },
  },
  {
    name: 'says that anything may have been touched when the store is emptied',
    needs: 'touch',
    run: async (context) => {
      const ear = await context.ear()
      await eventually(() => ear.allTouched > 0, 'it should begin to watch')
      await context.fixture.empty?.()
      await eventually(() => ear.allTouched > 1, 'it should be told')
    },
  },
  {
    name: 'says that anything may have been touched once it watches again after a connection was lost',
    needs: 'touch',
    run: async (context) => {
      const ear = await context.ear()
      await eventually(() => ear.allTouched > 0, 'it should begin to watch')
      await context.fixture.cut?.()
      await context.fixture.touch?.(['unseen'], 'conformance')
      await eventually(() => ear.allTouched > 1, 'it should be told')
      await context.fixture.touch?.(['seen'], 'conformance')
      await eventually(() => ear.touched.includes('seen'), 'it should watch again')
    },
  },
]

/** Sockets, pipes, ports and watchers of this process, without timers. */
function resources(): number {
  return process.getActiveResourcesInfo().filter((name) => !/Timeout|Immediate|TickObject|Promise/.test(name))
    .length
}

/** The contract of all transports. */
export const transportCases: readonly TransportCase[] = [
  ...delivery,
  ...publishing,
  ...life,
  ...faults,
  ...watching,
]
