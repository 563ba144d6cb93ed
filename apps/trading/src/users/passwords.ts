import { hash, verify } from '@node-rs/argon2'

import { boundedWork } from '../limits/bounded-work.ts'

// argon2id, 19 MiB and two passes: what OWASP asks for. The library's defaults, written down so that an update of it
// can't lower them.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Each takes 19 MiB and some 20 ms of a processor. */
const inTurn = boundedWork({ atOnce: 2, waiting: 100 })

/** @throws RequestFault 503 when too many wait already */
export function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(password, cost))
}

/**
 * Takes as long for a user who does not exist as for a wrong password, so that nobody learns which it was.
 *
 * @throws RequestFault 503 when too many wait already
 */
export async function passwordMatches(passwordHash: string | undefined, password: string): Promise<boolean> {
  const known = passwordHash ?? (await standInHash())
  const matches = await inTurn(() => verify(known, password))
  return matches && passwordHash !== undefined
}

let standIn: Promise<string> | undefined

function standInHash(): Promise<string> {
  standIn ??= hashPassword('nobody has this password')
  return standIn
}
