import type { Clock } from '@cache/core'

import { BrokerError } from '../broker/broker-adapter.ts'
import { MovingWindow } from './moving-window.ts'
import type { BrokerLimits } from './broker-options.ts'

/** The broker's own limits: so many calls of a kind in a second for each account. */
export class AccountLimits {
  readonly #windows: Readonly<Record<keyof BrokerLimits, MovingWindow>>

  constructor(limits: BrokerLimits, clock: Clock) {
    const window = (count: number): MovingWindow => new MovingWindow({ count, windowMs: 1000 }, clock)
    this.#windows = {
      quotes: window(limits.quotes),
      history: window(limits.history),
      orders: window(limits.orders),
      other: window(limits.other),
    }
  }

  /** @throws BrokerError `RATE_LIMITED` */
  take(kind: keyof BrokerLimits, account: string): void {
    if (this.#windows[kind].take(account)) return
    throw new BrokerError(
      'RATE_LIMITED',
      `Too many calls: ${this.#windows[kind].rate.count} of this kind a second`,
    )
  }
}
