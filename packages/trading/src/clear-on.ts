import type { CacheVariableValues } from '@cache/environment'

/** What is cleared by itself when something ends. All `true` by default. */
export interface ClearOn {
  /** Entries of the virtual broker, when the connection of its adapter ends. */
  readonly vbDisconnect: boolean
  /** When a virtual account is reset. */
  readonly vbReset: boolean
  /** When a virtual account is deleted. */
  readonly vbDelete: boolean
  /** All else of a connection, when it ends. */
  readonly brokerDisconnect: boolean
  /** The same when the broker refuses the sign-in. */
  readonly brokerAuthFailure: boolean
  /** Clearing a connection also clears what belongs to its broker as a whole. */
  readonly aggressive: boolean
}

export const clearOnEverything: ClearOn = {
  vbDisconnect: true,
  vbReset: true,
  vbDelete: true,
  brokerDisconnect: true,
  brokerAuthFailure: true,
  aggressive: true,
}

/** The switches as the environment variables give them. */
export function clearOnFrom(values: CacheVariableValues): ClearOn {
  return {
    vbDisconnect: values.CACHE_VB_CLEAR_ON_DISCONNECT,
    vbReset: values.CACHE_VB_CLEAR_ON_RESET,
    vbDelete: values.CACHE_VB_CLEAR_ON_DELETE,
    brokerDisconnect: values.CACHE_BROKER_CLEAR_ON_DISCONNECT,
    brokerAuthFailure: values.CACHE_BROKER_CLEAR_ON_AUTH_FAIL,
    aggressive: values.CACHE_BROKER_AGGRESSIVE_CLEANUP,
  }
}
