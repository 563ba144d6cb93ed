import { CacheError } from './cache-error.ts'

type Unit = 'ms' | 's' | 'm' | 'h' | 'd'

/** Milliseconds, or a number with its unit: `'250ms'`, `'30s'`, `'5m'`, `'1.5h'`, `'30d'`. */
export type Duration = number | `${number}${Unit}`

const unitMs: Readonly<Record<Unit, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const literal = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/

/**
 * A duration in milliseconds, `0` to `Infinity`.
 *
 * @throws CacheError `INVALID_TTL` when it is negative, not a number or not a duration literal; `option` names it.
 */
export function durationMs(duration: Duration, option: string): number {
  const ms = typeof duration === 'number' ? duration : parseLiteral(duration)
  if (!(ms >= 0)) {
    throw new CacheError(
      'INVALID_TTL',
      `${option} must be 0 or more milliseconds or a literal such as '30s' or '5m'`,
    )
  }
  return ms
}

function parseLiteral(text: string): number {
  const match = literal.exec(text)
  return match ? Number(match[1]) * unitMs[match[2] as Unit] : Number.NaN
}
