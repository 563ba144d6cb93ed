import { createHash } from 'node:crypto'
import { CacheError } from '@cache/core'

/**
 * SHA-256 of parameters in their canonical JSON form (RFC 8785: sorted names, no spaces), in hexadecimal: the same for
 * the same parameters in any order. A name whose value is `undefined` counts as absent.
 *
 * @throws CacheError `INVALID_KEY` for what JSON does not carry, cycles among it
 */
export function canonicalHash(parameters: unknown): string {
  return createHash('sha256').update(canonicalJson(parameters, 0)).digest('hex')
}

const maxDepth = 100

function canonicalJson(value: unknown, depth: number): string {
  if (depth > maxDepth) throw notJson('is cyclic or too deep')
  if (value instanceof Date && Number.isFinite(value.getTime())) return JSON.stringify(value)
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw notJson('hold text that is not well-formed')
      return JSON.stringify(value)
    case 'boolean':
      return String(value)
    case 'number':
      if (!Number.isFinite(value)) throw notJson('hold a number that is not finite')
      return JSON.stringify(value)
    case 'object':
      if (value === null) return 'null'
      return Array.isArray(value) ? canonicalArray(value, depth) : canonicalObject(value, depth)
    default:
      throw notJson(`hold ${typeof value}`)
  }
}

function canonicalArray(values: readonly unknown[], depth: number): string {
  return `[${Array.from(values, (value) => canonicalJson(value, depth + 1)).join(',')}]`
}

function canonicalObject(value: object, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw notJson('hold an instance of a class')
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  const sorted = fields.toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field, depth + 1)}`).join(',')}}`
}

function notJson(fault: string): CacheError {
  return new CacheError('INVALID_KEY', `The parameters ${fault}; give plain JSON data`)
}
