import { randomUUID } from 'node:crypto'
import { setImmediate as nextTick } from 'node:timers/promises'
import { stepEntry } from '@cache/core'
import { absent, stepping, telling, type StoreMutant } from './store-mutant.ts'

function tolerant(pattern: string): RegExp {
  try {
    return new RegExp(`^${pattern}`, 'u')
  } catch {
    return /^/u
  }
}

/** Faults in the log, in scans, in upkeep and in steps. */
export const logMutants: Readonly<Record<string, StoreMutant>> = {
  'changesSince skips an entry': telling((all) => all.slice(1)),
  'changesSince forgets the latest': telling((all) => all.slice(0, -1)),
  'the log is out of order': telling((all) => [...all].reverse()),
  'an entry of the log is told twice': telling((all) => [...all, ...all.slice(-1)]),
  'the log is always empty': telling(() => []),
  'a reset is never signalled': (store) => ({
    changesSince: async (stamp) => {
      const reply = await store.changesSince(stamp)
      return reply.kind === 'reset' && stamp ? { kind: 'log', stamp: reply.stamp, invalidations: [] } : reply
    },
  }),
  'a reset is not signalled when the log was cut': (store) => ({
    changesSince: async (stamp) => {
      const reply = await store.changesSince(stamp)
      const { epoch, sequence } = reply.stamp
      if (reply.kind === 'log' || stamp?.epoch !== epoch || stamp.sequence > sequence) return reply
      return store.changesSince({ epoch, sequence: sequence - 100 })
    },
  }),
  'every answer is a reset': (store) => ({
    changesSince: async () => ({ kind: 'reset', stamp: (await store.changesSince(undefined)).stamp }),
  }),
  'a scan lists void members of a tag': (store) => {
    const listed = new Map<string, Set<string>>()
    return {
      change: (changes) => {
        for (const change of changes) {
          if (change.kind !== 'set') continue
          for (const tag of change.entry.tags) listed.set(tag, (listed.get(tag) ?? new Set()).add(change.key))
        }
        return store.change(changes)
      },
      scan: async (request) =>
        request.tag === undefined ? store.scan(request) : { keys: [...(listed.get(request.tag) ?? [])] },
    }
  },
  'a scan ignores the tag': (store) => ({ scan: (request) => store.scan({ ...request, tag: undefined }) }),
  'a scan ignores the prefix': (store) => ({
    scan: (request) => store.scan({ ...request, prefix: undefined }),
  }),
  'a prefix is a pattern': (store) => ({
    scan: async (request) => {
      const pattern = (request.prefix ?? '').replaceAll('_', '.').replaceAll('%', '.*')
      const page = await store.scan({ ...request, prefix: undefined })
      return { ...page, keys: page.keys.filter((key) => tolerant(pattern).test(key)) }
    },
  }),
  'a scan ends after its first page': (store) => ({
    scan: async (request) => ({ keys: (await store.scan(request)).keys }),
  }),
  'a scan never ends': (store) => ({
    scan: async (request) => ({ cursor: '', ...(await store.scan(request)) }),
  }),
  'a scan goes by position': (store) => ({
    scan: async ({ cursor, limit, ...request }) => {
      const all = await store.scan({ ...request, limit: Number.MAX_SAFE_INTEGER })
      const from = Number(cursor ?? 0)
      const keys = all.keys.slice(from, from + limit)
      return from + limit < all.keys.length ? { keys, cursor: String(from + limit) } : { keys }
    },
  }),
  'count is an hour old': (store) => {
    let first: Promise<number> | undefined
    return { count: () => (first ??= store.count()) }
  },
  'a purge ignores its limit': (store) => ({ purge: () => store.purge(Number.MAX_SAFE_INTEGER) }),
  'a purge counts what it was allowed': (store) => ({
    purge: async (limit) => {
      await store.purge(limit)
      return limit
    },
  }),
  'a lazy expiry deletes by key alone': (store) => ({
    read: async (keys) => {
      const reply = await store.read(keys)
      const gone = keys.filter((_, index) => reply.entries[index] === undefined)
      await nextTick()
      if (gone.length === 1) await store.change([{ kind: 'delete', key: gone[0] ?? '' }])
      return reply
    },
  }),
  'a step reads and writes in two moments': (store) => ({
    step: async (key, step, input) => {
      const { entries } = await store.read([key])
      await nextTick()
      const { output, write } = stepEntry(step, input, entries[0], { nowMs: 0, revision: randomUUID() })
      if (write === 'remove') await store.change([{ kind: 'delete', key }])
      else if (write) await store.change([{ kind: 'set', key, entry: write }])
      return output
    },
  }),
  'a step always writes': stepping((result, state) => ({ ...result, state: result.state ?? state })),
  'a step keeps its state for ever': stepping((result) => ({
    ...result,
    keptForMs: result.keptForMs === 0 ? 0 : Number.POSITIVE_INFINITY,
  })),
  'a step removes nothing': stepping((result) => ({ ...result, keptForMs: result.keptForMs || 3_600_000 })),
  'steps share one state': (store) => ({
    step: (_key, step, input) => store.step?.('one', step, input) ?? absent(),
  }),
  'steps know no time': stepping((result) => result, 0),
}
