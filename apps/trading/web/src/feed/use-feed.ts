import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react'

import { get } from '../api/client.ts'
import type { Quote } from '../api/types.ts'
import { type FeedState, type Mode, modes, priceFeed, type Tick } from './price-feed.ts'

/** The latest price of an instrument; `undefined` before the first, and without a key. */
export function useTick(key: string | undefined, mode: Mode = modes.quote): Tick | undefined {
  const subscribe = useCallback(
    (listener: () => void) => (key === undefined ? () => undefined : priceFeed.watch(key, mode, listener)),
    [key, mode],
  )
  return useSyncExternalStore(subscribe, () => (key === undefined ? undefined : priceFeed.tick(key)))
}

export function useFeedState(): FeedState {
  return useSyncExternalStore(
    (listener) => priceFeed.onState(listener),
    () => priceFeed.state,
  )
}

/** Runs something whenever an order of the user has changed. */
export function useOrderNews(onNews: () => void): void {
  const latest = useRef(onNews)
  useEffect(() => {
    latest.current = onNews
  })
  useEffect(() => priceFeed.onOrder(() => latest.current()), [])
}

/** Quotes of several instruments as they were when they were asked for, by key; ticks are newer. */
export function useQuotes(keys: readonly string[]): ReadonlyMap<string, Quote> {
  const [quotes, setQuotes] = useState<ReadonlyMap<string, Quote>>(new Map())
  const asked = keys.join(',')
  useEffect(() => {
    if (asked === '') return undefined
    const aborter = new AbortController()
    for (const part of partsOf(asked.split(','))) {
      get<readonly Quote[]>(`/web/quotes?symbols=${encodeURIComponent(part.join(','))}`, aborter.signal).then(
        (found) =>
          setQuotes((before) => {
            const added = found.map((quote) => [`${quote.exchange}:${quote.symbol}`, quote] as const)
            return new Map([...before, ...added])
          }),
        () => undefined,
      )
    }
    return () => aborter.abort()
  }, [asked])
  return quotes
}

const quotesAtOnce = 50

function partsOf(keys: readonly string[]): string[][] {
  const parts: string[][] = []
  for (let from = 0; from < keys.length; from += quotesAtOnce)
    parts.push(keys.slice(from, from + quotesAtOnce))
  return parts
}

/** A quote with what a newer tick says. */
export function quoteWith(quote: Quote | undefined, tick: Tick | undefined): Quote | undefined {
  if (quote === undefined || tick === undefined) return quote
  const { ltp, open, high, low, prev_close: prevClose, bid, ask, volume, oi, timestamp } = tick
  return {
    ...quote,
    ltp,
    open: open ?? quote.open,
    high: high ?? quote.high,
    low: low ?? quote.low,
    prevClose: prevClose ?? quote.prevClose,
    bid: bid ?? quote.bid,
    ask: ask ?? quote.ask,
    volume: volume ?? quote.volume,
    oi: oi ?? quote.oi,
    atMs: timestamp,
  }
}
