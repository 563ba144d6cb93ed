import { CacheError, refuseUnknown, type CacheOperation } from '@cache/ports'
import { keyPattern, type KeyPattern } from '../keys/key-pattern.ts'
import { checkedOperations } from './operations.ts'

/** Who may do what with which caches. Patterns are as in `deleteMatching`: `'services.*'`. */
export interface AccessRule {
  /** A cache's name, or a pattern. */
  readonly cache: string
  /** A caller's name, or a pattern; `'*'` is everybody, also code that runs as no caller. */
  readonly caller: string
  readonly allow: readonly CacheOperation[]
}

interface CheckedRule {
  readonly cache: KeyPattern
  readonly caller: KeyPattern
  readonly anybody: boolean
  readonly allow: ReadonlySet<CacheOperation>
}

/** The rules for one cache: what none of them allows is denied. */
export class CacheRules {
  readonly #rules: readonly CheckedRule[]

  constructor(rules: readonly CheckedRule[]) {
    this.#rules = rules
  }

  /** `O(rules)`. */
  permits(caller: string | undefined, operation: CacheOperation): boolean {
    return this.#rules.some(
      (rule) =>
        rule.allow.has(operation) && (rule.anybody || (caller !== undefined && rule.caller.matches(caller))),
    )
  }
}

/** All rules of the caches. */
export class AccessRules {
  readonly #rules: readonly CheckedRule[]

  /** @throws CacheError `INVALID_OPTION` */
  constructor(rules: readonly AccessRule[]) {
    if (!Array.isArray(rules))
      throw new CacheError('INVALID_OPTION', 'security.access must be a list of rules')
    this.#rules = rules.map((rule, index) => checkedRule(rule, `security.access[${index}]`))
  }

  /** `undefined` where no rule is about the cache: everybody may do everything with it then. */
  forCache(name: string): CacheRules | undefined {
    const rules = this.#rules.filter((rule) => rule.cache.matches(name))
    return rules.length === 0 ? undefined : new CacheRules(rules)
  }
}

function checkedRule(rule: AccessRule, option: string): CheckedRule {
  refuseUnknown(rule, ['cache', 'caller', 'allow'], option)
  return {
    cache: pattern(rule.cache, `${option}.cache`),
    caller: pattern(rule.caller, `${option}.caller`),
    anybody: rule.caller === '*',
    allow: checkedOperations(rule.allow, `${option}.allow`),
  }
}

function pattern(text: unknown, option: string): KeyPattern {
  if (typeof text === 'string' && text !== '') return keyPattern(text)
  throw new CacheError('INVALID_OPTION', `${option} must be a name or a pattern`)
}
