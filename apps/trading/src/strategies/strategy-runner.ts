import { randomBytes } from 'node:crypto'

import { type Cache, type Clock, isCacheError, type Timer } from '@cache/core'

import type { BrokerConnections } from '../broker/broker-connections.ts'
import type { BrokerAdapter } from '../broker/broker-adapter.ts'
import type { InstrumentFinder } from '../instruments/instrument-finder.ts'
import { inTurn } from '../limits/in-turn.ts'
import type { OrderDesk } from '../orders/order-desk.ts'
import type { Order, OrderTicket } from '../orders/order.ts'
import type { QuoteDesk } from '../quotes/quote-desk.ts'
import { RequestFault } from '../server/request-fault.ts'
import type { OrderModes } from '../settings/order-modes.ts'
import type { RunLock, RunLocks } from './run-locks.ts'
import type { RunStore } from './run-store.ts'
import {
  exitReason,
  exitTicket,
  flat,
  type Holding,
  isDone,
  type Ordering,
  orderOf,
  type RunState,
} from './strategy-run.ts'
import type { Strategy } from './strategy.ts'
import type { StrategyStore } from './strategy-store.ts'

export interface StrategyRunnerParts {
  readonly strategies: StrategyStore
  readonly runs: RunStore
  readonly locks: RunLocks
  /** Strategy → that another instance asks for it. */
  readonly wanted: Cache<true, number>
  readonly broker: BrokerAdapter
  readonly connections: BrokerConnections
  readonly orders: OrderDesk
  readonly modes: OrderModes
  readonly quotes: QuoteDesk
  readonly finder: InstrumentFinder
  readonly clock: Clock
  /** Told what a strategy did. */
  readonly onNews: (userId: number, text: string) => void
  readonly onError: (error: unknown, strategyId: number) => void
}

/** A strategy, and the right to run it. */
interface Run {
  readonly strategy: Strategy
  readonly lock: RunLock
}

const stepEveryMs = 1000
const markBytes = 6
/** Longer than the lock of an instance that has died. */
const takeOverWithin = '12s'

/**
 * Runs the strategies that hold positions by themselves. Every instance tries; a lock decides who runs one, and its
 * fence keeps whoever had it before from writing. A signal takes a strategy over to the instance that it reached.
 * Without a token of the broker, after 03:00, a position is kept and looked after again once its owner has connected.
 */
export class StrategyRunner {
  readonly #parts: StrategyRunnerParts
  readonly #held = new Map<number, RunLock>()
  /** A signal and the runner's own look at a strategy don't meet. */
  readonly #inTurn = inTurn()
  #timer: Timer | undefined
  #stepping: Promise<void> = Promise.resolve()
  #closed = false

  constructor(parts: StrategyRunnerParts) {
    this.#parts = parts
  }

  /** Whether a strategy does anything by itself. */
  runs({ rules }: Strategy): boolean {
    return (
      rules.stopLossPercent !== undefined || rules.targetPercent !== undefined || rules.exitAt !== undefined
    )
  }

  start(): void {
    if (this.#closed) return
    this.#timer = this.#parts.clock.setTimer(stepEveryMs, () => {
      this.#stepping = this.#stepAll()
        .catch((error: unknown) => this.#parts.onError(error, 0))
        .then(() => this.start())
    })
  }

  /**
   * A signal from outside: enters when flat, and exits on the opposite action. What it has led to, for people.
   *
   * @throws RequestFault 409 while another order of the strategy is under way
   */
  signal(strategy: Strategy, ticket: OrderTicket): Promise<string> {
    return this.#inTurn(String(strategy.id), () => this.#signal(strategy, ticket))
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await this.#stepping
    await Promise.all([...this.#held.values()].map((lock) => lock.release().catch(() => false)))
    this.#held.clear()
  }

  async #signal(strategy: Strategy, ticket: OrderTicket): Promise<string> {
    if ((await this.#parts.modes.of(strategy.userId)) === 'analyze') return 'nothing is done in analyze mode'
    const lock = (await this.#lock(strategy.id)) ?? (await this.#takeOver(strategy.id))
    const run = { strategy, lock }
    const state = await this.#parts.runs.read(strategy.id)
    if (state.phase === 'flat') {
      await this.#begin(run, await this.#write(run, { phase: 'entering', mark: newMark(strategy), ticket }))
      return 'entering'
    }
    if (state.phase === 'holding') {
      if (state.ticket.action === ticket.action) return 'held already'
      await this.#begin(run, await this.#exit(run, state, 'signal'))
      return 'exiting'
    }
    throw new RequestFault(409, `An order of the strategy is under way (${state.phase})`, { code: 'BUSY' })
  }

  /**
   * The first step of what was written down, which is done in any case: where the broker or the caches are away, by a
   * later look. Told that it failed, a sender would send the signal again, and open a position once the first has ended.
   */
  async #begin(run: Run, state: RunState): Promise<void> {
    try {
      await this.#step(run, state)
    } catch (error) {
      if (error instanceof RequestFault && error.status < 500) throw error
      this.#parts.onError(error, run.strategy.id)
    }
  }

  async #stepAll(): Promise<void> {
    const active = (await this.#parts.strategies.active()).filter((strategy) => this.runs(strategy))
    for (const strategy of active) {
      if (this.#closed) return
      try {
        await this.#inTurn(String(strategy.id), () => this.#look(strategy))
      } catch (error) {
        this.#parts.onError(error, strategy.id)
      }
    }
  }

  async #look(strategy: Strategy): Promise<void> {
    if ((await this.#parts.wanted.get(strategy.id)) !== undefined) return this.#letGo(strategy.id)
    const lock = await this.#lock(strategy.id)
    if (lock === undefined || (await this.#parts.modes.of(strategy.userId)) === 'analyze') return
    await this.#step({ strategy, lock }, await this.#parts.runs.read(strategy.id))
  }

  async #lock(strategyId: number): Promise<RunLock | undefined> {
    const held = this.#held.get(strategyId)
    if (held !== undefined && !held.signal.aborted) return held
    this.#held.delete(strategyId)
    const lock = await this.#parts.locks.tryAcquire(lockName(strategyId))
    if (lock !== undefined) this.#held.set(strategyId, lock)
    return lock
  }

  /** Asks the instance that runs it to let go, which it does at its next look; one that has died does after its lease. */
  async #takeOver(strategyId: number): Promise<RunLock> {
    const { wanted, locks } = this.#parts
    await wanted.set(strategyId, true, { ttl: takeOverWithin })
    try {
      const lock = await locks.acquire(lockName(strategyId), { waitFor: takeOverWithin })
      this.#held.set(strategyId, lock)
      return lock
    } catch (error) {
      if (!isCacheError(error, 'LOCK_TIMEOUT')) throw error
      throw new RequestFault(503, 'Another instance is busy with the strategy; try again', {
        code: 'RUN_ELSEWHERE',
        retryAfterSeconds: 1,
      })
    } finally {
      await wanted.delete(strategyId)
    }
  }

  async #letGo(strategyId: number): Promise<void> {
    const held = this.#held.get(strategyId)
    this.#held.delete(strategyId)
    await held?.release()
  }

  /** One look at a strategy: whatever it waits for may have come. */
  async #step(run: Run, state: RunState): Promise<void> {
    const { strategy } = run
    const token = await this.#parts.connections.token(strategy.userId)
    if (token === undefined || state.phase === 'flat') return
    if (state.phase === 'holding') {
      const instrument = await this.#parts.finder.find(state.ticket.symbol, state.ticket.exchange)
      const quote = instrument && (await this.#parts.quotes.quote(strategy.userId, instrument))
      const reason = quote && exitReason(state, strategy.rules, quote.ltp, this.#parts.clock.wallMs())
      if (reason !== undefined) await this.#step(run, await this.#exit(run, state, reason))
      return
    }
    const order = orderOf(await this.#parts.broker.orders(token), state.mark)
    if (order === undefined) await this.#place(run, state)
    else if (isDone(order)) await this.#settle(run, state, order)
  }

  async #place(run: Run, state: Ordering): Promise<void> {
    const { strategy, lock } = run
    lock.assertHeld()
    const ticket =
      state.phase === 'entering' ? { ...state.ticket, strategy: state.mark } : exitTicket(state, state.mark)
    try {
      await this.#parts.orders.place(strategy.userId, ticket)
    } catch (error) {
      if (!(error instanceof RequestFault) || error.status >= 500) throw error
      this.#parts.onNews(strategy.userId, `${strategy.name}: ${state.phase} failed. ${error.message}`)
      if (state.phase === 'entering') await this.#write(run, flat)
      else throw error
    }
  }

  /** An order came to its end: what was filled is held, or held no longer. */
  async #settle(run: Run, state: Ordering, order: Order): Promise<void> {
    const { strategy } = run
    const { filledQuantity, averagePrice, symbol } = order
    if (state.phase === 'entering') {
      if (filledQuantity === 0) {
        await this.#write(run, flat)
        return this.#parts.onNews(
          strategy.userId,
          `${strategy.name}: the entry was ${order.status}. ${order.reason}`,
        )
      }
      const held = { quantity: filledQuantity, price: averagePrice, sinceMs: order.updatedAtMs }
      await this.#write(run, { phase: 'holding', ticket: state.ticket, ...held })
      return this.#parts.onNews(
        strategy.userId,
        `${strategy.name}: holds ${filledQuantity} ${symbol} at ${averagePrice}`,
      )
    }
    const { ticket, price, sinceMs } = state
    const left = state.quantity - filledQuantity
    const next: RunState =
      left > 0
        ? { phase: 'holding', ticket, price, sinceMs, quantity: left }
        : { phase: 'flat', lastExit: `${state.reason} at ${averagePrice}` }
    await this.#write(run, next)
    return this.#parts.onNews(
      strategy.userId,
      `${strategy.name}: sold out of ${filledQuantity} ${symbol} at ${averagePrice} (${state.reason})`,
    )
  }

  #exit(run: Run, held: Holding, reason: string): Promise<RunState> {
    const { ticket, quantity, price, sinceMs } = held
    const mark = newMark(run.strategy)
    return this.#write(run, { phase: 'exiting', mark, reason, ticket, quantity, price, sinceMs })
  }

  async #write({ strategy, lock }: Run, state: RunState): Promise<RunState> {
    lock.assertHeld()
    await this.#parts.runs.write(strategy.id, state, lock.token)
    return state
  }
}

function lockName(strategyId: number): string {
  return `strategy:${strategyId}`
}

/** Names one order of a strategy in the broker's book, within the 64 characters that brokers take. */
function newMark({ name }: Strategy): string {
  return `${name.slice(0, 48)}#${randomBytes(markBytes).toString('hex')}`
}
