import type { Cache } from '@cache/core'
import type { Domain } from './catalogue.ts'
import type { ClearOn } from './clear-on.ts'
import { ownerTags, type Owners } from './owners.ts'

/** What a cascade needs of a cache. */
export type ClearableCache = Pick<
  Cache<never>,
  'name' | 'size' | 'clear' | 'countWithTags' | 'invalidateTags'
>

/** A cache that takes part in the cascades. */
export interface Member {
  readonly domain: Domain
  readonly cache: ClearableCache
}

/** A connection of a user to a broker. */
export interface ConnectionIds {
  readonly brokerId: string
  readonly userId: string
  readonly connectionId: string
}

export interface AccountIds extends ConnectionIds {
  readonly accountId: string
}

/** How `clearAccount` reaches the one entry that belongs to no account alone. */
type ForgetAdapter = (ids: Pick<ConnectionIds, 'userId' | 'connectionId'>) => Promise<boolean>

/**
 * Clears by owner, with tags: one step in each cache, whatever the number of entries, and loads under way are refused
 * as well. Each method resolves with how many entries went, counted before; `O(entries)` for that.
 *
 * All reject when a cache did not acknowledge it; the others have done it then.
 */
export class Clearing {
  readonly #members: readonly Member[]
  readonly #on: ClearOn
  readonly #forgetAdapter: ForgetAdapter

  constructor(members: readonly Member[], on: ClearOn, forgetAdapter: ForgetAdapter) {
    this.#members = members
    this.#on = on
    this.#forgetAdapter = forgetAdapter
  }

  /**
   * What belongs to a connection, the user's API responses, and, where `aggressive`, what belongs to the broker as a
   * whole: nothing of it is there when the user connects again.
   */
  connection(ids: ConnectionIds): Promise<number> {
    return this.#clearConnection(ids, () => true)
  }

  /** What belongs to an account, and the adapter's list that it stands in. */
  async account({ accountId, userId, connectionId }: AccountIds): Promise<number> {
    const [cleared, forgotten] = await settled([
      this.#invalidate({ accountId }),
      this.#forgetAdapter({ userId, connectionId }).then((was) => (was ? 1 : 0)),
    ])
    return (cleared ?? 0) + (forgotten ?? 0)
  }

  user(userId: string): Promise<number> {
    return this.#invalidate({ userId })
  }

  /** Every entry of a domain. */
  domain(domain: Domain): Promise<number> {
    return this.#clear((member) => member.domain === domain)
  }

  /** Every entry of every trading cache. */
  all(): Promise<number> {
    return this.#clear(() => true)
  }

  /** A user has left a broker: clears what the switches say. */
  onBrokerDisconnect(ids: ConnectionIds): Promise<number> {
    const { vbDisconnect, brokerDisconnect } = this.#on
    return this.#clearConnection(ids, ({ domain }) => (domain === 'vb' ? vbDisconnect : brokerDisconnect))
  }

  /** A broker refused the sign-in of a connection. */
  onBrokerAuthFailure(ids: ConnectionIds): Promise<number> {
    return this.#clearConnection(ids, ({ domain }) => domain !== 'vb' && this.#on.brokerAuthFailure)
  }

  /** A virtual account begins anew. */
  async onVirtualReset(ids: AccountIds): Promise<number> {
    return this.#on.vbReset ? this.account(ids) : 0
  }

  async onVirtualDelete(ids: AccountIds): Promise<number> {
    return this.#on.vbDelete ? this.account(ids) : 0
  }

  async #clearConnection(ids: ConnectionIds, takesPart: (member: Member) => boolean): Promise<number> {
    const { brokerId, userId, connectionId } = ids
    const broker = this.#on.aggressive ? { brokerId } : {}
    return this.#each(takesPart, ({ domain, cache }) =>
      invalidate(cache, domain === 'api' ? { connectionId, userId, ...broker } : { connectionId, ...broker }),
    )
  }

  #invalidate(owners: Owners): Promise<number> {
    return this.#each(
      () => true,
      ({ cache }) => invalidate(cache, owners),
    )
  }

  #clear(takesPart: (member: Member) => boolean): Promise<number> {
    return this.#each(takesPart, async ({ cache }) => {
      const size = await cache.size()
      await cache.clear()
      return size
    })
  }

  async #each(
    takesPart: (member: Member) => boolean,
    clear: (member: Member) => Promise<number>,
  ): Promise<number> {
    const counts = await settled(this.#members.filter(takesPart).map(clear))
    return counts.reduce((sum, count) => sum + count, 0)
  }
}

/** The entries of any of these owners. */
async function invalidate(cache: ClearableCache, owners: Owners): Promise<number> {
  const tags = ownerTags(owners)
  const count = await cache.countWithTags(tags)
  await cache.invalidateTags(tags)
  return count
}

/** Waits for all, and rejects as the first that did. */
async function settled<T>(steps: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(steps)
  return Promise.all(steps)
}
