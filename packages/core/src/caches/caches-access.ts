import { refuseUnknown, type CacheOperation } from '@cache/ports'
import { checkedCaller } from '../access/caller.ts'
import { CallGate, type AuditKey } from '../access/call-gate.ts'
import { checkedOperations } from '../access/operations.ts'
import type { StatsCounters } from '../stats/cache-stats.ts'
import type { HandleOptions } from './caches.ts'
import type { SecuritySettings } from './security-options.ts'

/** What a gate has to know of a cache. */
interface GatedContext {
  readonly name: string
  readonly stats: StatsCounters
  readonly policy: { readonly sensitive: boolean }
}

/** Makes the gates of caches and of handles. */
export class CachesAccess {
  readonly #prefix: string
  readonly #security: SecuritySettings

  constructor(prefix: string, security: SecuritySettings) {
    this.#prefix = prefix
    this.#security = security
  }

  /** `undefined` where nothing is ruled or recorded: the cache is given out without a gate, at no cost. */
  gateOf(context: GatedContext): CallGate | undefined {
    const { rules, audit } = this.#watchOf(context)
    return rules || audit ? this.#gate(context, {}) : undefined
  }

  /** @throws CacheError `INVALID_OPTION` */
  handleOf(context: GatedContext, handle: HandleOptions): CallGate {
    refuseUnknown(handle, ['as', 'allow'], 'open')
    const as = handle.as === undefined ? undefined : checkedCaller(handle.as, 'open: as')
    const allow = handle.allow === undefined ? undefined : checkedOperations(handle.allow, 'open: allow')
    return this.#gate(context, { as, allow })
  }

  /** One operation on several caches: carried out if it is allowed in each, and recorded for each. */
  async passAll<T>(
    operation: CacheOperation,
    keys: readonly (AuditKey | undefined)[],
    contexts: ReadonlyMap<string, GatedContext>,
    call: () => Promise<T>,
  ): Promise<T> {
    const gates = Array.from(contexts.values(), (context) => this.gateOf(context)).filter(
      (gate) => gate !== undefined,
    )
    for (const gate of gates) await gate.check(operation)
    const passEach = gates.reduceRight<() => Promise<T>>(
      (next, gate) => () => gate.pass(operation, () => keys, next),
      call,
    )
    return passEach()
  }

  #gate(
    context: GatedContext,
    handle: { readonly as?: string | undefined; readonly allow?: ReadonlySet<CacheOperation> | undefined },
  ): CallGate {
    const { name, stats } = context
    const { rules, audit } = this.#watchOf(context)
    return new CallGate({ prefix: this.#prefix, cache: name, stats, rules, audit, ...handle })
  }

  #watchOf({ name, policy }: GatedContext): {
    readonly rules: ReturnType<SecuritySettings['access']['forCache']>
    readonly audit: SecuritySettings['audit']
  } {
    const { access, audit } = this.#security
    const covered = audit?.covers({ name, sensitive: policy.sensitive })
    return { rules: access.forCache(name), audit: covered ? audit : undefined }
  }
}
