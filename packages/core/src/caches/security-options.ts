import { CacheError, durationMs, refuseUnknown, type AuditTrail, type Duration } from '@cache/ports'
import { AccessRules, type AccessRule } from '../access/access-rules.ts'
import { type Sensitivity } from '../engine/cache-options.ts'

/** Who may do what, and what is recorded. */
export interface SecurityOptions {
  /** Who may do what. Caches that no rule is about are open to everybody; in the others what no rule allows is denied. */
  readonly access?: readonly AccessRule[] | undefined
  /** Records the calls of caches: `auditLog()` of @cache/audit. */
  readonly audit?: AuditTrail | undefined
  /** How far the wall clocks of the machines may differ, for the times that are sealed into entries. Default 1 minute. */
  readonly clockTolerance?: Duration | undefined
}

export interface SecuritySettings {
  readonly access: AccessRules
  readonly audit: AuditTrail | undefined
  readonly clockToleranceMs: number
}

const sensitiveByDefault: ReadonlySet<string> = new Set(['auth', 'api_keys', 'tokens'])

/** @throws CacheError `INVALID_OPTION`, `INVALID_TTL`; the message names the option. */
export function securitySettings(options: SecurityOptions): SecuritySettings {
  refuseUnknown(options, ['access', 'audit', 'clockTolerance'], 'security')
  const clockToleranceMs = durationMs(options.clockTolerance ?? '1m', 'security.clockTolerance')
  if (clockToleranceMs === Number.POSITIVE_INFINITY)
    throw new CacheError('INVALID_OPTION', 'security.clockTolerance must be finite')
  return {
    access: new AccessRules(options.access ?? []),
    audit: options.audit,
    clockToleranceMs,
  }
}

/** What the names of caches make of them; `declared` is an operator's list. */
export function sensitivityOf(declared: readonly string[] | undefined): (cache: string) => Sensitivity {
  if (declared) {
    const names = new Set(declared)
    return (cache) => (names.has(cache) ? 'always' : 'if-declared')
  }
  const isNamedSo = (segment: string): boolean => sensitiveByDefault.has(segment)
  return (cache) => (cache.toLowerCase().split(':').some(isNamedSo) ? 'unless-denied' : 'if-declared')
}
