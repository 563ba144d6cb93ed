import { deepStrictEqual } from 'node:assert/strict'
import { seededRandom } from '../random.ts'
import type { Metrics, Parameters } from '../row.ts'
import { computingMs, operationRates, samplePlan, type Batch, type RunBatch } from '../timing.ts'

/** Turns values into text or bytes and back. */
export interface CodecContender<Encoded> {
  readonly encode: (value: unknown) => Encoded
  readonly decode: (encoded: Encoded) => unknown
  readonly byteLength: (encoded: Encoded) => number
}

export type OpenCodec = () => CodecContender<unknown>

/** Length of a text or of bytes as they would be stored. */
export function payloadBytes(encoded: string | Uint8Array): number {
  return typeof encoded === 'string' ? Buffer.byteLength(encoded) : encoded.byteLength
}

/** What a trading application caches. */
export const valueNames = ['token', 'quote', 'orders'] as const
type ValueName = (typeof valueNames)[number]

/** How many values of a kind are worked on in turn. */
const variants = 64

/** Encodes and decodes values of one kind. */
export async function measure(open: OpenCodec, parameters: Parameters): Promise<Metrics> {
  const codec = open()
  const makeValue = makers[parameters['value'] as ValueName]
  const values = Array.from({ length: variants }, (_, index) => makeValue(seededRandom(index + 1)))
  const encoded = values.map(codec.encode)
  for (const [index, value] of values.entries()) deepStrictEqual(codec.decode(encoded[index]), value)
  const operations: Readonly<Record<string, RunBatch>> = {
    encode: () => timeEach(codec.encode, values),
    decode: () => timeEach(codec.decode, encoded),
  }
  const rates = await operationRates(operations, samplePlan(parameters['quick'] === 1))
  const bytes = encoded.map(codec.byteLength).reduce((sum, length) => sum + length, 0) / variants
  return { ...rates, bytes }
}

function timeEach<T>(work: (item: T) => unknown, items: readonly T[]): Batch {
  const startedMs = computingMs()
  for (const item of items) work(item)
  return { operations: items.length, tookMs: computingMs() - startedMs }
}

const makers: Readonly<Record<ValueName, (random: () => number) => unknown>> = {
  token: (random) => ({
    userId: `U${digits(random, 6)}`,
    broker: 'angel',
    accessToken: text(random, 120),
    feedToken: text(random, 60),
    refreshedAt: 1_760_000_000_000 + Math.floor(random() * 1e9),
    expiresAt: 1_760_100_000_000,
    scopes: ['orders', 'quotes'],
  }),
  quote: (random) => ({
    symbol: `SYMBOL${digits(random, 4)}`,
    exchange: 'NSE',
    ltp: price(random),
    open: price(random),
    high: price(random),
    low: price(random),
    volume: Math.floor(random() * 1e7),
    bid: price(random),
    ask: price(random),
    at: 1_760_000_000_000 + Math.floor(random() * 1e9),
  }),
  orders: (random) => Array.from({ length: 100 }, () => order(random)),
}

function order(random: () => number): unknown {
  return {
    orderId: digits(random, 15),
    symbol: `SYMBOL${digits(random, 4)}`,
    exchange: 'NSE',
    side: random() < 0.5 ? 'BUY' : 'SELL',
    product: 'MIS',
    priceType: 'LIMIT',
    quantity: Math.floor(random() * 1000),
    price: price(random),
    trigger: null,
    filled: random() < 0.5,
    status: 'complete',
    placedAt: 1_760_000_000_000 + Math.floor(random() * 1e9),
  }
}

function price(random: () => number): number {
  return Math.round(random() * 500_000) / 100
}

function digits(random: () => number, length: number): string {
  return Array.from({ length }, () => Math.floor(random() * 10)).join('')
}

function text(random: () => number, length: number): string {
  return Array.from({ length }, () => Math.floor(random() * 36).toString(36)).join('')
}
