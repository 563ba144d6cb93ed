import type { ErrorCode } from './codes.ts'

/**
 * The one error class of these packages. The message names the mend and never holds a key, a value or a secret;
 * `cause` holds what a library below threw.
 */
export class CacheError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }

  override get name(): string {
    return 'CacheError'
  }
}

/** Whether `error` is a {@link CacheError}, of `code` if one is given; works across copies of this package. */
export function isCacheError(error: unknown, code?: ErrorCode): error is CacheError {
  if (!(error instanceof Error) || error.name !== 'CacheError' || !('code' in error)) return false
  return code === undefined || error.code === code
}

/** The error as it is if it is a {@link CacheError}, or else one with this code and message that it caused. */
export function asCacheError(error: unknown, code: ErrorCode, message: string): CacheError {
  return isCacheError(error) ? error : new CacheError(code, message, { cause: error })
}

/** Whether the backend failed, rather than the caller: its code begins with `BACKEND_`. */
export function isBackendError(error: unknown): error is CacheError {
  return isCacheError(error) && error.code.startsWith('BACKEND_')
}
