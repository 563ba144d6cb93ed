import { randomUUID } from 'node:crypto'
import { setImmediate as nextTick } from 'node:timers/promises'
import { stepEntry } from '@cache/core'
import type {
  AcquireReply,
  Change,
  ChangeOutcome,
  EntryStore,
  NewEntry,
  StepResult,
  StoredEntry,
  StoreOptions,
} from '@cache/core'
import { forwardingStore } from '../../src/index.ts'

/** Gives a correct store one fault. */
export type StoreMutant = (store: EntryStore, options: StoreOptions) => Partial<EntryStore>

type EntryChange = (entry: NewEntry) => NewEntry

/** Changes each entry on its way in. */
function writing(changed: EntryChange): StoreMutant {
  return (store) => ({
    fill: (key, lease, entry) => store.fill(key, lease, changed(entry)),
    change: (changes) =>
      store.change(
        changes.map((each) => (each.kind === 'set' ? { ...each, entry: changed(each.entry) } : each)),
      ),
  })
}

/** Changes each entry on its way out. */
function reading(changed: (entry: StoredEntry) => StoredEntry | undefined): StoreMutant {
  return (store) => ({
    read: async (keys) => {
      const reply = await store.read(keys)
      return { ...reply, entries: reply.entries.map((entry) => entry && changed(entry)) }
    },
    acquire: async (key, request) => {
      const reply = await store.acquire(key, request)
      const entry = 'entry' in reply ? changed(reply.entry) : undefined
      return 'entry' in reply && entry ? { ...reply, entry } : reply
    },
  })
}

/** Changes each key on its way in. */
function keyed(changed: (key: string) => string): StoreMutant {
  return (store) => ({
    read: (keys) => store.read(keys.map(changed)),
    acquire: (key, request) => store.acquire(changed(key), request),
    renew: (key, lease, leaseMs) => store.renew(changed(key), lease, leaseMs),
    fill: (key, lease, entry) => store.fill(changed(key), lease, entry),
    release: (key, lease, end) => store.release(changed(key), lease, end),
    change: (changes) =>
      store.change(changes.map((each) => ('key' in each ? { ...each, key: changed(each.key) } : each))),
  })
}

/** Changes the log on its way out. */
function telling(changed: <T>(invalidations: readonly T[]) => readonly T[]): StoreMutant {
  return (store) => ({
    changesSince: async (stamp) => {
      const reply = await store.changesSince(stamp)
      return reply.kind === 'log' ? { ...reply, invalidations: changed(reply.invalidations) } : reply
    },
  })
}

/** Drops changes of one kind, and says that they applied. */
function ignoring(kind: Change['kind']): StoreMutant {
  return (store) => ({
    change: async (changes) => {
      const kept = changes.filter((change) => change.kind !== kind)
      const { outcomes, stamp } = await store.change(kept)
      const remaining = [...outcomes]
      return {
        outcomes: changes.map((each) => (each.kind === kind ? 'applied' : (remaining.shift() ?? 'applied'))),
        stamp,
      }
    },
  })
}

export const storeMutants: Readonly<Record<string, StoreMutant>> = {
  'times to live are in seconds': writing((entry) => ({
    ...entry,
    freshForMs: entry.freshForMs * 1000,
    keptForMs: entry.keptForMs * 1000,
  })),
  'times to live are whole seconds': writing((entry) => ({
    ...entry,
    freshForMs: Math.ceil(entry.freshForMs / 1000) * 1000,
    keptForMs: Math.ceil(entry.keptForMs / 1000) * 1000,
  })),
  'a time to live overflows after 24.8 days': writing((entry) => ({
    ...entry,
    keptForMs: entry.keptForMs > 2_147_483_647 && entry.keptForMs < Infinity ? 1 : entry.keptForMs,
  })),
  'Infinity is a year': writing((entry) => ({
    ...entry,
    keptForMs: Math.min(entry.keptForMs, 31_536_000_000),
  })),
  'keptFor is ignored': writing((entry) => ({ ...entry, keptForMs: entry.freshForMs })),
  'the age of a load is forgotten': writing((entry) => ({ ...entry, ageMs: 0 })),
  'the load time is forgotten': writing((entry) => ({ ...entry, loadMs: 0 })),
  'the version is not stored': writing((entry) => ({ ...entry, version: undefined })),
  'the revision is made anew': writing((entry) => ({ ...entry, revision: `${entry.revision}'` })),
  'the tags of an entry are not stored': writing((entry) => ({ ...entry, tags: [] })),
  'only the first tag of an entry is stored': writing((entry) => ({
    ...entry,
    tags: entry.tags.slice(0, 1),
  })),
  'tags are compared without case': (store) => ({
    ...writing((entry) => ({ ...entry, tags: entry.tags.map((tag) => tag.toLowerCase()) }))(store, noOptions),
    scan: (request) => store.scan({ ...request, tag: request.tag?.toLowerCase() }),
  }),
  'text is stored as Latin-1': writing((entry) => ({
    ...entry,
    payload:
      typeof entry.payload === 'string'
        ? Buffer.from(entry.payload, 'latin1').toString('latin1')
        : entry.payload,
  })),
  'bytes are stored as text': writing((entry) => ({
    ...entry,
    payload: entry.payload instanceof Uint8Array ? Buffer.from(entry.payload).toString() : entry.payload,
  })),
  'the first byte is altered': reading((entry) => {
    if (!(entry.payload instanceof Uint8Array) || entry.payload.length === 0) return entry
    return {
      ...entry,
      payload: Uint8Array.from(entry.payload, (byte, index) => (index === 0 ? byte ^ 1 : byte)),
    }
  }),
  'trailing zero bytes are cut': reading((entry) => {
    if (!(entry.payload instanceof Uint8Array) || entry.payload.at(-1) !== 0) return entry
    return { ...entry, payload: entry.payload.subarray(0, -1) }
  }),
  'an empty payload is a miss': reading((entry) => {
    const { payload } = entry
    return payload === '' || (payload instanceof Uint8Array && payload.length === 0) ? undefined : entry
  }),
  'bytes are handed out by reference': (store) => {
    const shared = new Map<string, unknown>()
    return {
      read: async (keys) => {
        const reply = await store.read(keys)
        const entries = reply.entries.map((entry) => {
          if (!entry) return entry
          if (!shared.has(entry.revision)) shared.set(entry.revision, entry.payload)
          return { ...entry, payload: shared.get(entry.revision) }
        })
        return { ...reply, entries }
      },
    }
  },
  'the format is always JSON': reading((entry) => ({ ...entry, format: 2 })),
  'the remaining time is never below zero': reading((entry) => ({
    ...entry,
    freshForMs: Math.max(0, entry.freshForMs),
  })),
  'the remaining time is that at the write': reading((entry) => ({ ...entry, freshForMs: 3_600_000 })),
  'missing keys are left out of the reply': (store) => ({
    read: async (keys) => {
      const reply = await store.read(keys)
      return { ...reply, entries: reply.entries.filter((entry) => entry !== undefined) }
    },
  }),
  'a repeated key is read once': (store) => ({ read: (keys) => store.read([...new Set(keys)]) }),
  'a read stops at a thousand keys': (store) => ({ read: (keys) => store.read(keys.slice(0, 1000)) }),
  'keys are compared without case': keyed((key) => key.toLowerCase()),
  'keys are cut at 8 kB': keyed((key) => key.slice(0, 8192)),
  'keys are trimmed': keyed((key) => key.trim()),
  'keys are normalized': keyed((key) => key.normalize('NFC')),
  'keys end at a NUL': keyed((key) => key.split('\u0000')[0] ?? ''),
  'keys of objects collide with their prototypes': (store) => ({
    read: async (keys) => {
      const reply = await store.read(keys)
      const [first] = (await store.read(['a'])).entries
      return {
        ...reply,
        entries: reply.entries.map((entry, index) => (keys[index] === '__proto__' ? first : entry)),
      }
    },
  }),
  'a conditional set is not atomic': (store) => ({
    change: async (changes) => {
      const [first] = changes
      if (changes.length !== 1 || first?.kind !== 'set' || !first.when) return store.change(changes)
      const [found] = (await store.read([first.key])).entries
      const { when } = first
      const holds = when.kind === 'absent' ? found === undefined : found?.revision === when.revision
      await nextTick()
      if (holds) return store.change([{ kind: 'set', key: first.key, entry: first.entry }])
      const { stamp } = await store.changesSince(undefined)
      return { outcomes: ['conflict'], stamp }
    },
  }),
  'a lease is not granted atomically': (store) => {
    let pending: Promise<AcquireReply> | undefined
    return {
      acquire: (key, request) => {
        pending ??= nextTick()
          .then(() => store.acquire(key, request))
          .finally(() => (pending = undefined))
        return pending
      },
    }
  },
  'one of two writes in flight is lost': (store) => {
    let inFlight = 0
    return {
      change: async (changes) => {
        inFlight++
        await nextTick()
        const lost = inFlight > 1 && changes.every((change) => change.kind === 'set' && !change.when)
        inFlight--
        if (!lost) return store.change(changes)
        return { outcomes: changes.map(() => 'applied'), stamp: (await store.changesSince(undefined)).stamp }
      },
    }
  },
  'a batch stops at the first conflict': (store) => ({
    change: async (changes) => {
      const outcomes: ChangeOutcome[] = []
      for (const change of changes) {
        const reply = await store.change([change])
        outcomes.push(...reply.outcomes)
        if (reply.outcomes[0] === 'conflict') break
      }
      while (outcomes.length < changes.length) outcomes.push('conflict')
      return { outcomes, stamp: (await store.changesSince(undefined)).stamp }
    },
  }),
  'a batch applies in reverse': (store) => ({
    change: async (changes) => {
      const reply = await store.change([...changes].reverse())
      return { ...reply, outcomes: [...reply.outcomes].reverse() }
    },
  }),
  'a delete always applies': (store) => ({
    change: async (changes) => {
      const reply = await store.change(changes)
      return {
        ...reply,
        outcomes: reply.outcomes.map((outcome) => (outcome === 'absent' ? 'applied' : outcome)),
      }
    },
  }),
  'a delete does nothing': ignoring('delete'),
  'an expire does nothing': ignoring('expire'),
  'an invalidation of tags does nothing': ignoring('tags'),
  'a clear does nothing': ignoring('clear'),
  'only the first of several tags is invalidated': (store) => ({
    change: (changes) =>
      store.change(
        changes.map((each) => (each.kind === 'tags' ? { ...each, tags: each.tags.slice(0, 1) } : each)),
      ),
  }),
  'a fill is told like a set': (store) => ({
    fill: async (key, lease, entry) => {
      const reply = await store.fill(key, lease, entry)
      if (reply.accepted) await store.change([{ kind: 'tags', tags: ['a tag of nothing'] }])
      return reply
    },
  }),
  'a refused fill says that it was accepted': (store) => ({
    fill: async (key, lease, entry) => {
      await store.fill(key, lease, entry)
      return { accepted: true }
    },
  }),
  'an accepted fill stores nothing': (store) => ({
    fill: async (key, lease, entry) => store.fill(key, lease, { ...entry, freshForMs: 0, keptForMs: 0 }),
  }),
  'refresh is ignored': (store) => ({
    acquire: (key, request) => store.acquire(key, { ...request, refresh: false }),
  }),
  'every caller waits': (store) => ({
    acquire: async (key, request) => {
      const reply = await store.acquire(key, request)
      return reply.kind === 'unstored' ? { kind: 'wait', remainingMs: 1 } : reply
    },
  }),
  'a wait has no time': (store) => ({
    acquire: async (key, request) => {
      const reply = await store.acquire(key, request)
      return reply.kind === 'wait' ? { ...reply, remainingMs: -1 } : reply
    },
  }),
  'the caller is given a token of the store': (store) => ({
    acquire: (key, request) => store.acquire(key, { ...request, token: `s${request.token}` }),
  }),
  'a lease is not prolonged': (store) => ({
    renew: async (key, lease) => store.renew(key, lease, 1),
  }),
  'renewing always succeeds': (store) => ({
    renew: async (key, lease, leaseMs) => {
      await store.renew(key, lease, leaseMs)
      return true
    },
  }),
  'a release does nothing': () => ({ release: async () => true }),
  'a release frees where it should throttle': (store) => ({
    release: (key, lease, end) => store.release(key, lease, end.kind === 'throttle' ? { kind: 'free' } : end),
  }),
  'an unstored result frees the lease': (store) => ({
    release: (key, lease, end) => store.release(key, lease, end.kind === 'unstored' ? { kind: 'free' } : end),
  }),
  'an unstored result ignores its tags': (store) => ({
    release: (key, lease, end) =>
      store.release(key, lease, end.kind === 'unstored' ? { ...end, tags: [] } : end),
  }),
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

/** Changes what a step makes of the state. */
function stepping(
  changed: <S, O>(result: StepResult<S, O>, state: S | undefined) => StepResult<S, O>,
  timeFactor = 1,
): StoreMutant {
  return (store) => ({
    step: (key, step, input) => {
      const run: typeof step.run = (state, given, nowMs) =>
        changed(step.run(state, given, nowMs * timeFactor), state)
      return store.step?.(key, { ...step, run }, input) ?? absent()
    },
  })
}

function absent(): never {
  throw new Error('the store has no steps')
}

const noOptions: StoreOptions = {
  cache: '',
  version: 1,
  maxEntries: 1,
  maxBytes: 1,
  onEvict: () => {},
}

function tolerant(pattern: string): RegExp {
  try {
    return new RegExp(`^${pattern}`, 'u')
  } catch {
    return /^/u
  }
}

export function mutated(mutant: StoreMutant): (store: EntryStore, options: StoreOptions) => EntryStore {
  return (store, options) => ({ ...forwardingStore(store), ...mutant(store, options) })
}
