import { Flight, Flights, type FlightOutcome } from '../../../../core/src/loading/flight.ts'
import { forwardingStore, type Mutant } from '../../../src/index.ts'
import { patched } from './patched.ts'
import { busy, calm, flights } from './plans.ts'

const { close: closeFlight, settle } = Flight.prototype

/** Flights and leases: what callers of one process share. */
export const loadingMutants: readonly Mutant[] = [
  {
    name: 'callers join after the fill was sent',
    rule: 'callers join its promise until the fill is sent',
    mutation: {
      overrides: flights,
      patch: patched(Flight.prototype, 'close', function close(this: Flight<unknown>) {
        void this.outcome.then(() => closeFlight.call(this))
      }),
    },
  },
  {
    name: 'joiners use a refused value',
    rule: 'joiners may use the value only if the fill was accepted',
    mutation: {
      overrides: { ...flights, workload: { ...busy, loaderMs: 200 } },
      patch: patched(
        Flight.prototype,
        'settle',
        function share(this: Flight<unknown>, outcome: FlightOutcome<unknown>) {
          settle.call(this, outcome.kind === 'refused' ? { ...outcome, kind: 'value' } : outcome)
        },
      ),
    },
  },
  {
    name: 'joiners use what was read before they joined',
    rule: 'a hit reflects what was acknowledged when its command was sent, no later',
    mutation: {
      overrides: { ...flights, cache: { ...flights.cache, ttlMs: 10_000 } },
      patch: patched(
        Flight.prototype,
        'settle',
        function share(this: Flight<unknown>, outcome: FlightOutcome<unknown>) {
          settle.call(this, outcome.kind === 'read' ? { ...outcome, kind: 'value' } : outcome)
        },
      ),
    },
  },
  {
    name: 'an invalidation of this process leaves its loads open',
    rule: 'callers after an invalidation do not join a load from before it',
    mutation: {
      // The bound lets callers join what is loaded while the store is away.
      overrides: {
        ...flights,
        cache: { ...flights.cache, withinMs: 400 },
        network: { lostRequestShare: 0.2 },
      },
      patch: () => {
        const undoOne = patched(Flights.prototype, 'close', () => undefined)()
        const undoAll = patched(Flights.prototype, 'closeAll', () => undefined)()
        return () => {
          undoOne()
          undoAll()
        }
      },
    },
  },
  {
    name: 'a pattern leaves loads under way',
    rule: 'a load that began before an invalidation of its key is refused',
    mutation: {
      overrides: {
        ...flights,
        cache: { ...flights.cache, ttlMs: 10_000 },
        workload: { ...busy, loaderMs: 200 },
      },
      store: (store) => ({
        ...forwardingStore(store),
        scan: async (request) => (request.of === 'leases' ? { keys: [] } : store.scan(request)),
      }),
    },
  },
  {
    name: 'leases are not renewed',
    rule: 'a lease is renewed while the loader runs',
    mutation: {
      overrides: {
        ...calm,
        cache: { l1: false, withinMs: 0, leaseMs: 90, ttlMs: 300 },
        workload: { loaderMs: 200 },
      },
      store: (store) => ({ ...forwardingStore(store), renew: async () => true }),
    },
  },
  {
    name: 'tokens and revisions repeat',
    rule: 'tokens are random',
    mutation: {
      overrides: { workload: { atomicShare: 0.5 } },
      environment: (environment) => ({ ...environment, newId: () => 'same' }),
    },
  },
  {
    name: 'writes forget their condition',
    rule: 'an update is a compare-and-set',
    mutation: {
      overrides: { workload: { atomicShare: 0.5 } },
      store: (store) => ({
        ...forwardingStore(store),
        change: (changes) =>
          store.change(changes.map((change) => ({ ...change, when: undefined }) as typeof change)),
      }),
    },
  },
]
