/** What a caller may be allowed to do with a cache, and whether it changes what others read. */
export const cacheOperations = {
  /** `get`, `getMany`, `getWithMeta`, `peek`, `has`, `ttl`, `isCurrent`. */
  get: 'read',
  /** `getOrLoad`: reads, and stores what the caller's loader returns. */
  load: 'write',
  /** `set`, `setMany`, `add`, `compareAndSet`. */
  set: 'write',
  /** `update`, `increment`, `append`: they read as well. */
  update: 'write',
  /** `delete`, `deleteMany`, `deleteMatching`, `deleteIf`. */
  delete: 'end',
  /** `expire`, `expireIf`. */
  expire: 'end',
  /** `invalidateTags`, of the cache or of all caches. */
  invalidate: 'end',
  /** `clear`, of the cache or of all caches. */
  clear: 'end',
  /** `keys`, `keysWithTag`, `countWithTags`, `size`, `resetStats`. */
  inspect: 'read',
  /** `reseal` of all caches. */
  rotate: 'end',
} as const

export type CacheOperation = keyof typeof cacheOperations
