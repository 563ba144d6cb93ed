import { createHash } from 'node:crypto'

import type { Instrument } from './instrument.ts'

/**
 * A token as a strategy or an order keeps it. Brokers give the token of an expired contract to another; the
 * epoch tells them apart. It is a fingerprint of the contract, so it is the same in every process and
 * needs no history.
 */
export interface TokenReference {
  readonly token: string
  readonly exchange: string
  /** 48 bits that stand for exchange and symbol. */
  readonly epoch: number
}

/**
 * What a token reference means now.
 *
 * - `current`: the contract that was meant
 * - `reused`: the token now names another contract, which is not to be traded for the one that was meant
 * - `gone`: no instrument has this token any more
 */
export type TokenResolution =
  | { readonly status: 'current'; readonly instrument: Instrument }
  | { readonly status: 'reused'; readonly nowNames: Instrument; readonly message: string }
  | { readonly status: 'gone'; readonly message: string }

/** The reference to keep for an instrument. */
export function referTo(instrument: Instrument): TokenReference {
  const { token, exchange, symbol } = instrument
  return { token, exchange, epoch: contractEpoch(exchange, symbol) }
}

/** Compares what a token names now with what it named when the reference was made. */
export function resolveReference(
  reference: TokenReference,
  instrument: Instrument | undefined,
): TokenResolution {
  const { token, exchange, epoch } = reference
  if (instrument === undefined)
    return { status: 'gone', message: `Token ${token} on ${exchange} names nothing now.` }
  const { symbol } = instrument
  if (contractEpoch(exchange, symbol) === epoch) return { status: 'current', instrument }
  const message = `Token ${token} on ${exchange} now names another contract, ${symbol}.`
  return { status: 'reused', nowNames: instrument, message }
}

function contractEpoch(exchange: string, symbol: string): number {
  return createHash('sha256').update(`${exchange}\0${symbol}`).digest().readUIntBE(0, 6)
}
