/**
 * Every code a `CacheError` can carry, with what it means. `docs/errors.md` has a section for each, and a test
 * compares the two.
 */
export const errorCodes = {
  INVALID_OPTION: 'An option has a value it cannot have.',
  INVALID_KEY: 'A key is empty, too long or not well-formed text.',
  INVALID_VALUE: 'A value cannot be stored so that a hit returns what was stored.',
  VALUE_TOO_LARGE: 'A value has more bytes than its cache allows.',
  INVALID_TTL: 'A time to live is negative or not a number.',
  CACHE_CONFLICT: 'Two caches would share keys.',
  VALIDATION_FAILED: 'A value does not fit the schema of its cache.',
  ENCODING_FAILED: 'The codec could not encode a value.',
  DECODING_FAILED: 'A stored payload could not be decoded.',
  DECRYPTION_FAILED: 'A protected payload did not open.',
  KEY_UNAVAILABLE: 'The encryption key is missing, unsafe or unusable.',
  ACCESS_DENIED: 'The caller may not do this with this cache.',
  AUDIT_UNAVAILABLE: 'A call was not recorded, and the audit is set to refuse it then.',
  LOADER_FAILED: 'The loader gave no usable result.',
  LOADER_TIMEOUT: 'The loader took longer than its hard timeout.',
  ABORTED: 'The caller aborted the call.',
  CONFLICT: 'An atomic operation lost against other writers too often.',
  LOCK_TIMEOUT: 'A lock was not free in time.',
  LOCK_LOST: 'A lock was lost while it was held.',
  STALE_TOKEN: 'A resource has seen a later fencing token.',
  BACKEND_UNREACHABLE: 'The backend cannot be reached.',
  BACKEND_TIMEOUT: 'The backend did not answer in time.',
  BACKEND_FULL: 'The backend has no room left.',
  BACKEND_READ_ONLY: 'The backend accepts no writes.',
  BACKEND_LOCKED: 'Another process holds the lock for too long.',
  BACKEND_CORRUPT: 'The stored data is damaged.',
  BACKEND_REFUSED: 'The backend refused the credentials or a command.',
  BACKEND_FAILED: 'The backend failed in a way that has no code of its own.',
  TRANSPORT_FAILED: 'An invalidation transport could not start, or could not carry a message.',
  CLOSED: 'The caches were closed.',
} as const

export type ErrorCode = keyof typeof errorCodes
