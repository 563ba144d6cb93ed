import { onTestFinished } from 'vitest'
import {
  ManualClock,
  referenceBackend,
  referenceStorage,
  type ReferenceStorage,
} from '../../../conformance/src/index.ts'
import { onCacheEvent, type CacheEvents, type Caches, type CachesOptions } from '../../src/index.ts'
import { openCaches } from './open-caches.ts'

export interface Fleet {
  readonly clock: ManualClock
  readonly storage: ReferenceStorage
  /** One more process over the same store, with the same time. */
  open(options?: Partial<CachesOptions>): Promise<Caches>
}

/** Processes over one store, which gives values back encoded, as another host's would be. */
export function fleet(): Fleet {
  const [clock, storage] = [new ManualClock(), referenceStorage()]
  return {
    clock,
    storage,
    open: (options = {}) =>
      openCaches({
        backend: referenceBackend({ storage }),
        environment: { clock, random: () => 0.5 },
        ...options,
      }),
  }
}

/** The events of a kind from now on. */
export function eventsOf<Name extends keyof CacheEvents>(name: Name): CacheEvents[Name][] {
  const events: CacheEvents[Name][] = []
  onTestFinished(onCacheEvent(name, (event) => events.push(event)))
  return events
}
