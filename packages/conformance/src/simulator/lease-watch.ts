import type { Change, ChangeOutcome, EntryStore, Lease } from '@cache/core'
import { forwardingStore } from '../forwarding.ts'
import type { ReferenceNote } from '../reference/reference-storage.ts'
import type { VirtualTime } from './virtual-time.ts'

interface HeldLease {
  readonly token: string
  /** It came back with a snapshot: nobody has it, and a clear that the snapshot knows may have ended it. */
  readonly restored: boolean
  untilMs: number
}

export interface LeaseWatchOptions {
  readonly time: VirtualTime
  /** Nothing goes wrong in this run, so that no lease of a loader that still runs may run out. */
  readonly calm: boolean
  readonly onViolation: (rule: string, key: string, detail: string) => void
}

/** Keeps its own account of who may load which key, and holds the store's answers against it (G4). */
export class LeaseWatch {
  readonly #options: LeaseWatchOptions
  readonly #held = new Map<string, HeldLease>()

  constructor(options: LeaseWatchOptions) {
    this.#options = options
  }

  granted(key: string, token: string, leaseMs: number): void {
    const { time, calm, onViolation } = this.#options
    const held = this.#held.get(key)
    if (held && !held.restored && held.untilMs > time.nowMs)
      onViolation('G4', key, 'a second lease beside one that is held')
    else if (held && calm) onViolation('G4', key, 'the lease of a live loader ran out')
    this.#held.set(key, { token, restored: false, untilMs: time.nowMs + leaseMs })
  }

  refused(key: string): void {
    const held = this.#held.get(key)
    if (!held || held.untilMs <= this.#options.time.nowMs)
      this.#options.onViolation('G4', key, 'a caller waits for a lease that nobody holds')
  }

  renewed(key: string, token: string, leaseMs: number): void {
    const held = this.#held.get(key)
    if (held?.token === token) held.untilMs = this.#options.time.nowMs + leaseMs
  }

  /** A holder gave its lease back. */
  returned(key: string, token: string): void {
    if (this.#held.get(key)?.token === token) this.#held.delete(key)
  }

  ended(key: string): void {
    this.#held.delete(key)
  }

  endedAll(): void {
    this.#held.clear()
  }

  /** The store came back with leases of some time ago; nobody has them, and they end by themselves. */
  restored(notes: Iterable<readonly [string, ReferenceNote]>): void {
    this.#held.clear()
    for (const [key, { kind, token, untilMs }] of notes) {
      if (kind === 'lease') this.#held.set(key, { token, restored: true, untilMs })
    }
  }

  changed(changes: readonly Change[], outcomes: readonly ChangeOutcome[]): void {
    for (const [index, change] of changes.entries()) {
      if (change.kind === 'clear') this.endedAll()
      else if (change.kind !== 'tags' && endsLease(change, outcomes[index])) this.ended(change.key)
    }
  }
}

function endsLease(change: Change, outcome: ChangeOutcome | undefined): boolean {
  return outcome === 'applied' || (change.kind === 'delete' && !change.when && outcome === 'absent')
}

/** A store on the server whose answers a watch sees. */
export function watchedStore(store: EntryStore, watch: LeaseWatch, epoch: () => string): EntryStore {
  // A lease of an earlier epoch gives nothing back: one that came back with a snapshot stays until it ends.
  const returned = (key: string, lease: Lease): void => {
    if (lease.epoch === epoch()) watch.returned(key, lease.token)
  }
  return {
    ...forwardingStore(store),
    acquire: async (key, request) => {
      const reply = await store.acquire(key, request)
      if (reply.kind === 'wait') watch.refused(key)
      else if ((reply.kind === 'lease' || reply.kind === 'stale') && reply.lease)
        watch.granted(key, reply.lease.token, request.leaseMs)
      return reply
    },
    renew: async (key, lease, leaseMs) => {
      const held = await store.renew(key, lease, leaseMs)
      if (held) watch.renewed(key, lease.token, leaseMs)
      return held
    },
    fill: async (key, lease, entry) => {
      const reply = await store.fill(key, lease, entry)
      returned(key, lease)
      return reply
    },
    release: async (key, lease, end) => {
      const released = await store.release(key, lease, end)
      returned(key, lease)
      return released
    },
    change: async (changes) => {
      const reply = await store.change(changes)
      watch.changed(changes, reply.outcomes)
      return reply
    },
  }
}
