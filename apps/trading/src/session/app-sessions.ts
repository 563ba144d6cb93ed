import { type Caches, dailyAt } from '@cache/core'
import { createSessions, type LoadedSession, type SessionRecords, type Sessions } from '@cache/session'

import { sessionCaller } from '../cache-access.ts'
import type { Values } from '../config/variables.ts'
import type { InstallationKey } from '../secrets/installation-key.ts'

const sessionsPerUser = 5

/** What the app keeps of a session. */
export interface SessionFacts {
  readonly userId: number
  readonly clientAddress: string
}

/** What sessions are kept in, and signed with. */
export interface SignIns {
  readonly records: SessionRecords
  readonly key: InstallationKey
}

/**
 * Who is signed in. Sessions rest in the database and end when the broker's tokens do; what every request asks is
 * cached, and is gone everywhere within the caches' bound when a session ends.
 */
export function openSessions(
  caches: Caches,
  { records, key }: SignIns,
  values: Pick<Values, 'SESSION_EXPIRY_TIME'>,
): Sessions {
  return createSessions(caches, {
    records,
    absolute: dailyAt(values.SESSION_EXPIRY_TIME, 'Asia/Kolkata'),
    maxPerUser: sessionsPerUser,
    secrets: key.derive('session-cookie').toString('base64url'),
    sensitive: true,
    as: sessionCaller,
    maxSessions: 10_000,
  })
}

export function factsOf({ data }: Pick<LoadedSession, 'data'>): SessionFacts {
  return { userId: Number(data['userId']), clientAddress: String(data['clientAddress']) }
}
