import { hash, verify } from '@node-rs/argon2'

// argon2id, 19 MiB and two passes: what OWASP asks for. The library's defaults, written down so that an update of it
// can't lower them.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

export function hashPassword(password: string): Promise<string> {
  return hash(password, cost)
}

/** Takes as long for a user who does not exist as for a wrong password, so that nobody learns which it was. */
export async function passwordMatches(passwordHash: string | undefined, password: string): Promise<boolean> {
  const matches = await verify(passwordHash ?? (await standInHash()), password)
  return matches && passwordHash !== undefined
}

let standIn: Promise<string> | undefined

function standInHash(): Promise<string> {
  standIn ??= hashPassword('nobody has this password')
  return standIn
}
