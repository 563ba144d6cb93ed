import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'

import type { Clock } from '@cache/core'

import type { BrokerInstrument, Quote } from '../broker/broker-adapter.ts'
import type { Market } from './market.ts'
import { bestQuantities } from './order-sizes.ts'
import { roundTo, tickOf } from './price-model.ts'

/** A price of the past. */
export interface RecordedTick {
  readonly atMs: number
  readonly symbol: string
  readonly exchange: string
  readonly ltp: number
  readonly volume: number
}

/** What is known of an instrument so far in the replay. */
interface Seen {
  readonly open: number
  high: number
  low: number
  ltp: number
  volume: number
}

const header = 'timestamp_ist,symbol,exchange,ltp,volume'

/**
 * Reads recorded ticks from CSV, plain or `.gz`, in their order.
 *
 * @throws if the file has another header, or a row is broken
 */
export async function* readTicks(path: string): AsyncGenerator<RecordedTick> {
  const file = createReadStream(path)
  const lines = createInterface({ input: path.endsWith('.gz') ? file.pipe(createGunzip()) : file })
  let number = 0
  for await (const line of lines) {
    number++
    if (number === 1) {
      if (line.trim() !== header) throw new Error(`${path} does not begin with ${header}`)
    } else if (line !== '') yield tickOfLine(line, `${path}, line ${number}`)
  }
}

function tickOfLine(line: string, place: string): RecordedTick {
  const [stamp = '', symbol = '', exchange = '', ltp = '', volume = ''] = line.split(',')
  const atMs = Date.parse(`${stamp.replace(' ', 'T')}+05:30`)
  const tick = { atMs, symbol, exchange, ltp: Number(ltp), volume: Number(volume) }
  if (Number.isFinite(atMs + tick.ltp + tick.volume) && symbol !== '' && tick.ltp > 0) return tick
  throw new Error(`${place} is not a tick`)
}

export interface TickReplayParts {
  readonly ticks: AsyncIterable<RecordedTick>
  /** How many seconds of the past go by in one of the present. */
  readonly speed: number
  readonly clock: Clock
  /** Prices of everything that the recording does not hold. */
  readonly fallback: Market
  readonly onError: (error: unknown) => void
}

const stepMs = 20

/**
 * A recorded session as a market. It begins with {@link start}; before that the first price of an instrument is not
 * known and the invented one is told; after the last tick its prices stay.
 */
export class TickReplay implements Market {
  readonly #parts: TickReplayParts
  readonly #seen = new Map<string, Seen>()
  readonly #listeners = new Set<(place: string) => void>()
  #started = false
  #closed = false
  #played = 0

  constructor(parts: TickReplayParts) {
    this.#parts = parts
  }

  /** Ticks played so far. */
  get played(): number {
    return this.#played
  }

  /** Plays the recording, once; later calls do nothing. */
  start(): void {
    if (this.#started) return
    this.#started = true
    this.#play().catch((error: unknown) => this.#parts.onError(error))
  }

  close(): void {
    this.#closed = true
  }

  /** Calls back with `EXCHANGE:SYMBOL` for each tick. */
  onTick(listener: (place: string) => void): void {
    this.#listeners.add(listener)
  }

  price(instrument: BrokerInstrument, wallMs: number): number {
    return this.#of(instrument)?.ltp ?? this.#parts.fallback.price(instrument, wallMs)
  }

  quote(instrument: BrokerInstrument, wallMs: number): Quote {
    const seen = this.#of(instrument)
    if (seen === undefined) return this.#parts.fallback.quote(instrument, wallMs)
    const { symbol, exchange } = instrument
    const tick = tickOf(instrument)
    return {
      symbol,
      exchange,
      ...seen,
      prevClose: seen.open,
      bid: Math.max(tick, roundTo(seen.ltp - tick, tick)),
      ask: roundTo(seen.ltp + tick, tick),
      ...bestQuantities(instrument, wallMs),
      oi: 0,
      atMs: wallMs,
    }
  }

  #of({ exchange, symbol }: BrokerInstrument): Seen | undefined {
    return this.#seen.get(`${exchange}:${symbol}`)
  }

  async #play(): Promise<void> {
    const { ticks, speed, clock } = this.#parts
    const startedMs = clock.monotonicMs()
    let firstMs: number | undefined
    for await (const tick of ticks) {
      firstMs ??= tick.atMs
      const dueMs = startedMs + (tick.atMs - firstMs) / speed
      while (!this.#closed && clock.monotonicMs() < dueMs) {
        const waitMs = Math.max(stepMs, dueMs - clock.monotonicMs())
        await new Promise<void>((resolve) => void clock.setTimer(Math.min(waitMs, 1000), resolve))
      }
      if (this.#closed) return
      this.#take(tick)
    }
  }

  #take({ exchange, symbol, ltp, volume }: RecordedTick): void {
    const place = `${exchange}:${symbol}`
    const seen = this.#seen.get(place)
    this.#played++
    if (seen === undefined) this.#seen.set(place, { open: ltp, high: ltp, low: ltp, ltp, volume })
    else {
      seen.ltp = ltp
      seen.volume = volume
      seen.high = Math.max(seen.high, ltp)
      seen.low = Math.min(seen.low, ltp)
    }
    for (const listener of this.#listeners) listener(place)
  }
}
