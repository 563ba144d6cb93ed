import type { Cache, CacheKey, Loader, Ttl, ValueWithMeta } from '@cache/core'
import { ownerTags, type Owners } from './owners.ts'

/** How the ids of one type become keys, owners and times. */
export interface OwnedCacheRules<Id> {
  readonly key: (id: Id) => CacheKey
  /** The owners that the id itself tells. */
  readonly owners: (id: Id) => Owners
  readonly ttl?: ((id: Id) => Ttl<unknown>) | undefined
}

/** What one call may decide beside the owners. */
export interface OwnedOptions {
  readonly ttl?: Ttl<unknown> | undefined
  readonly signal?: AbortSignal | undefined
}

/** No owners but those that the id tells. */
export type NoOwners = { readonly [Owner in keyof Owners]?: undefined }

/** Options of a write: they may be left out where there is no owner to name. */
export type OwnedArguments<O> = NoOwners extends O
  ? [options?: O & OwnedOptions]
  : [options: O & OwnedOptions]

/**
 * A cache of one type of entry whose ids and owners are typed. `O` are the owners that an id does not tell; a write
 * names them, so that no entry outlives the clearing of its owner.
 */
export class OwnedCache<V, Id, O> {
  /** The cache below, for everything that is not here. Entries written to it directly have no owners. */
  readonly cache: Cache<V>
  readonly #rules: OwnedCacheRules<Id>

  constructor(cache: Cache<V>, rules: OwnedCacheRules<Id>) {
    this.cache = cache
    this.#rules = rules
  }

  get(id: Id): Promise<V | undefined> {
    return this.cache.get(this.#rules.key(id))
  }

  getMany(ids: readonly Id[]): Promise<(V | undefined)[]> {
    return this.cache.getMany(ids.map((id) => this.#rules.key(id)))
  }

  getWithMeta(id: Id): Promise<ValueWithMeta<V> | undefined> {
    return this.cache.getWithMeta(this.#rules.key(id))
  }

  has(id: Id): Promise<boolean> {
    return this.cache.has(this.#rules.key(id))
  }

  /** As `Cache.set`. */
  set(id: Id, value: V, ...[options]: OwnedArguments<O>): Promise<boolean> {
    return this.cache.set(this.#rules.key(id), value, this.#writeOptions(id, options))
  }

  /** As `Cache.getOrLoad`. */
  getOrLoad(id: Id, loader: Loader<V>, ...[options]: OwnedArguments<O>): Promise<V | undefined> {
    const { signal } = options ?? {}
    return this.cache.getOrLoad(this.#rules.key(id), loader, { ...this.#writeOptions(id, options), signal })
  }

  delete(id: Id): Promise<boolean> {
    return this.cache.delete(this.#rules.key(id))
  }

  #writeOptions(
    id: Id,
    options: (Owners & OwnedOptions) | undefined,
  ): { ttl: Ttl<unknown> | undefined; tags: string[] } {
    return {
      ttl: options?.ttl ?? this.#rules.ttl?.(id),
      tags: ownerTags({ ...options, ...this.#rules.owners(id) }),
    }
  }
}
