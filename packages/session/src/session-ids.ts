import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { CacheError } from '@cache/core'

const idBytes = 32
const shortestSecret = 32
/** Longer texts are no ids, and are not hashed to find that out. */
const longestId = 1024

/** A new id: 256 random bits. */
export function newSessionId(): string {
  return randomBytes(idBytes).toString('base64url')
}

/** What a session is stored under: its id cannot be found from it. `undefined` for what is no id. */
export function handleOf(id: string): string | undefined {
  if (typeof id !== 'string' || id.length === 0 || id.length > longestId) return undefined
  return createHash('sha256').update(id).digest('base64url')
}

/** Signs ids, so that made-up ones are refused before anything is looked up. */
export interface IdSigner {
  sign(id: string): string
  /** The id, if it was signed with one of the secrets. `renew` when that is not the first. */
  unsign(signed: string): { readonly valid: boolean; readonly renew: boolean; readonly value: string | null }
}

/**
 * Makes a signer. The first secret signs; all of them are accepted, so that secrets can be changed. Fits the option
 * `secret` of `@fastify/session`.
 *
 * @throws CacheError `INVALID_OPTION`
 */
export function idSigner(secrets: string | readonly string[]): IdSigner {
  const all = [secrets].flat()
  const [first] = all
  if (
    first === undefined ||
    all.some((secret) => typeof secret !== 'string' || secret.length < shortestSecret)
  )
    throw new CacheError(
      'INVALID_OPTION',
      `secrets must be one or more texts of at least ${shortestSecret} characters`,
    )
  return {
    sign: (id) => `${id}.${signature(id, first)}`,
    unsign: (signed) => {
      const end = typeof signed === 'string' && signed.length <= longestId ? signed.lastIndexOf('.') : -1
      if (end < 1) return { valid: false, renew: false, value: null }
      const id = signed.slice(0, end)
      const given = Buffer.from(signed.slice(end + 1))
      const index = all.findIndex((secret) => isEqual(Buffer.from(signature(id, secret)), given))
      return index < 0
        ? { valid: false, renew: false, value: null }
        : { valid: true, renew: index > 0, value: id }
    },
  }
}

function signature(id: string, secret: string): string {
  return createHmac('sha256', secret).update(id).digest('base64url')
}

function isEqual(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}
