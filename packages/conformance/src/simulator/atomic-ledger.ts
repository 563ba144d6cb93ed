/** An atomic operation that began. */
export interface AtomicStart {
  readonly counter: string
  /** The store's life in which it began. */
  readonly life: number
}

interface Account {
  life: number
  /** Sums that were returned, each of which must be a new one. */
  readonly sums: Set<number>
  acknowledged: number
  unknown: number
  pending: number
}

/** Accounts for increments: none may be lost, none counted twice (G11). */
export class AtomicLedger {
  readonly #accounts = new Map<string, Account>()
  readonly #onViolation: (counter: string, detail: string) => void

  constructor(onViolation: (counter: string, detail: string) => void) {
    this.#onViolation = onViolation
  }

  begin(counter: string): AtomicStart {
    const account = this.#account(counter)
    account.pending++
    return { counter, life: account.life }
  }

  acknowledged(start: AtomicStart, sum: number): void {
    const account = this.#accountOf(start)
    if (!account) return
    account.pending--
    account.acknowledged++
    if (account.sums.has(sum)) this.#onViolation(start.counter, `the sum ${sum} was returned twice`)
    account.sums.add(sum)
  }

  /** It may have been carried out or not. */
  unknown(start: AtomicStart): void {
    const account = this.#accountOf(start)
    if (!account) return
    account.pending--
    account.unknown++
  }

  /** Holds what the store has against what was acknowledged. */
  check(counter: string, stored: number): void {
    const { acknowledged, unknown, pending } = this.#account(counter)
    if (stored < acknowledged)
      this.#onViolation(counter, `${acknowledged} were acknowledged, ${stored} are there`)
    else if (stored > acknowledged + unknown + pending)
      this.#onViolation(counter, `${stored} are there; at most ${acknowledged + unknown + pending} were made`)
  }

  /** The store begins a new life with nothing; what is under way may fall into either. */
  restart(): void {
    for (const account of this.#accounts.values()) {
      account.life++
      account.sums.clear()
      account.acknowledged = 0
      account.unknown = account.pending + account.unknown
      account.pending = 0
    }
  }

  #account(counter: string): Account {
    let account = this.#accounts.get(counter)
    if (!account) {
      account = { life: 0, sums: new Set(), acknowledged: 0, unknown: 0, pending: 0 }
      this.#accounts.set(counter, account)
    }
    return account
  }

  #accountOf({ counter, life }: AtomicStart): Account | undefined {
    const account = this.#account(counter)
    return account.life === life ? account : undefined
  }
}
