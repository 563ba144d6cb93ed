import type { StoreMutant } from './store-mutant.ts'

/** Faults in what a store tells of itself. */
export const probeMutants: Readonly<Record<string, StoreMutant>> = {
  'unchangedSince always says yes': () => ({ unchangedSince: () => true }),
  'unchangedSince always says no': () => ({ unchangedSince: () => false }),
  'unchangedSince knows of its own changes only': (store) => {
    let changed = true
    return {
      change: (changes) => {
        changed = true
        return store.change(changes)
      },
      changesSince: (stamp) => {
        changed = false
        return store.changesSince(stamp)
      },
      unchangedSince: () => !changed,
    }
  },
  'leaseEnded wakes nobody': () => ({ leaseEnded: () => new Promise<void>(() => {}) }),
  'a scan of leases lists entries': (store) => ({
    scan: (request) => store.scan({ ...request, of: 'entries' }),
  }),
  'a scan of leases lists nothing': (store) => ({
    scan: async (request) => (request.of === 'leases' ? { keys: [] } : store.scan(request)),
  }),
  'every stale entry without a lease is called throttled': (store) => ({
    acquire: async (key, request) => {
      const reply = await store.acquire(key, request)
      return reply.kind === 'stale' && !reply.lease ? { ...reply, because: 'throttled' } : reply
    },
  }),
}
