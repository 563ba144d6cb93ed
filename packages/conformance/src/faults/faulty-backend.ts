import { CacheError, systemClock } from '@cache/core'
import type { CacheBackend, Clock, EntryStore, RunStep, StoreOptions } from '@cache/core'
import { forwardingBackend, forwardingStore } from '../forwarding.ts'
import type { Fault, FaultPlan, StoreOperation } from './fault-plan.ts'

/**
 * A backend whose store calls go wrong as the plan says. A store's local tier is passed on as it is: put a backend
 * without one behind it, such as the reference backend, where reads should go wrong too.
 */
export function faultyBackend(backend: CacheBackend, plan: FaultPlan): CacheBackend {
  let clock: Clock = systemClock
  let calls = 0
  const decorate = (store: EntryStore, options: StoreOptions): EntryStore =>
    faultyStore(store, (operation, call) => {
      const fault = plan({ operation, cache: options.cache, index: ++calls })
      return fault ? spoilt(fault, operation, call, clock) : call()
    })
  const forwarding = forwardingBackend(backend, decorate)
  return {
    ...forwarding,
    start: (context) => {
      ;({ clock } = context)
      return backend.start(context)
    },
  }
}

type Run = <T>(operation: StoreOperation, call: () => Promise<T>) => Promise<T>

function faultyStore(store: EntryStore, run: Run): EntryStore {
  return {
    ...forwardingStore(store),
    read: (keys) => run('read', () => store.read(keys)),
    acquire: (key, request) => run('acquire', () => store.acquire(key, request)),
    renew: (key, lease, leaseMs) => run('renew', () => store.renew(key, lease, leaseMs)),
    fill: (key, lease, entry) => run('fill', () => store.fill(key, lease, entry)),
    release: (key, lease, end) => run('release', () => store.release(key, lease, end)),
    change: (changes) => run('change', () => store.change(changes)),
    scan: (request) => run('scan', () => store.scan(request)),
    count: () => run('count', () => store.count()),
    changesSince: (stamp) => run('changesSince', () => store.changesSince(stamp)),
    purge: (limit) => run('purge', () => store.purge(limit)),
    step: store.step && faultyStep(store.step.bind(store), run),
  }
}

function faultyStep(step: RunStep, run: Run): RunStep {
  return (key, definition, input) => run('step', async () => step(key, definition, input))
}

async function spoilt<T>(
  fault: Fault,
  operation: StoreOperation,
  call: () => Promise<T>,
  clock: Clock,
): Promise<T> {
  switch (fault.kind) {
    case 'fail':
      throw new CacheError(fault.code, `Injected: ${operation} failed`)
    case 'lose-reply':
      await call()
      throw new CacheError(fault.code, `Injected: the reply to ${operation} was lost`)
    case 'delay':
      await new Promise<void>((resolve) => void clock.setTimer(fault.ms, resolve))
      return call()
    default:
      return new Promise<T>(() => {})
  }
}
