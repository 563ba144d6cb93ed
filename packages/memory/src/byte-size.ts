import { CacheError } from '@cache/ports'

type Unit = 'kb' | 'mb' | 'gb'

/** A number of bytes, or a number with its unit: `'512kb'`, `'64mb'`, `'1.5gb'`. A kilobyte is 1,024 bytes. */
export type ByteSize = number | `${number}${Unit}`

const unitBytes: Readonly<Record<Unit, number>> = { kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }

const literal = /^(\d+(?:\.\d+)?)(kb|mb|gb)$/

/**
 * A size in bytes, 1 to `Infinity`.
 *
 * @throws CacheError `INVALID_OPTION`; `option` names it.
 */
export function byteSize(size: ByteSize, option: string): number {
  const bytes = typeof size === 'number' ? size : parseLiteral(size)
  if (bytes >= 1) return bytes === Number.POSITIVE_INFINITY ? bytes : Math.floor(bytes)
  throw new CacheError('INVALID_OPTION', `${option} must be 1 or more bytes or a literal such as '64mb'`)
}

function parseLiteral(text: unknown): number {
  const match = typeof text === 'string' ? literal.exec(text) : null
  return match ? Number(match[1]) * unitBytes[match[2] as Unit] : Number.NaN
}
