import type { FamilyConnection } from '@cache/resp'

const firstRetryMs = 50
const longestRetryMs = 2000

/** A connection to the same server, for subscriptions alone; it connects when told to, and again when it is lost. */
export function subscriptionConnection(like: FamilyConnection): FamilyConnection {
  return like.duplicate({
    lazyConnect: true,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // The newer version of the protocol brings nothing to a connection that only listens.
    protocol: 2,
    retryStrategy: (attempt: number): number =>
      Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(attempt - 1, 10)) * (0.5 + Math.random() / 2),
  })
}
