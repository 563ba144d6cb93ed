import type { MasterDifference } from './difference.ts'
import type { SymbolIndexError } from './errors.ts'
import type { ImportProgress } from './import/read-master.ts'
import type { ImportReport } from './import/report.ts'

/** What other processes need to swap to the same set. */
export interface SetNotice {
  /** Names the set for people: when it was imported and the beginning of its hash. */
  readonly id: string
  readonly hash: string
  readonly size: number
  readonly importedAtMs: number
}

/** Where a set came from: an import, a snapshot file, or another thread's buffer. */
export type SetOrigin = 'import' | 'snapshot' | 'buffer'

/** The events of a `SymbolIndex` and what their listeners are given. */
export interface SymbolIndexEvents {
  /** Look-ups that start now see the new set. */
  swap: { readonly origin: SetOrigin; readonly current: SetNotice; readonly previous: SetNotice | undefined }
  /** How far an import has come. */
  progress: ImportProgress
  /** What an import did, whether or not the set was swapped. */
  report: ImportReport
  /** What a swap by import changed. */
  difference: MasterDifference
  /** An import or a snapshot was refused; the old set stays. */
  failure: { readonly origin: SetOrigin; readonly error: SymbolIndexError }
}

export type EventName = keyof SymbolIndexEvents
type Listener<Name extends EventName> = (event: SymbolIndexEvents[Name]) => void

/** Typed listeners, called in the order in which they were added. */
export class EventHub {
  readonly #listeners = new Map<EventName, Set<Listener<never>>>()

  /** Adds a listener; the function returned takes it away. */
  on<Name extends EventName>(name: Name, listener: Listener<Name>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners.add(listener))
    return () => void listeners.delete(listener)
  }

  emit<Name extends EventName>(name: Name, event: SymbolIndexEvents[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) (listener as Listener<Name>)(event)
  }
}
