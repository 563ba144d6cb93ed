import { parseArgs } from 'node:util'

import { numberIn, wholeNumberIn } from '../config/number-in.ts'

/** What the broker's process is started with. */
export interface BrokerOptions {
  readonly host: string
  readonly port: number
  readonly directory: string
  readonly instrumentsFile: string | undefined
  readonly ticksFile: string | undefined
  readonly speed: number
  /** Time of day in Asia/Kolkata at which its tokens end. */
  readonly tokensEndAt: string
  /** Calls in a second for each account, by kind. */
  readonly limits: BrokerLimits
}

export interface BrokerLimits {
  readonly quotes: number
  readonly history: number
  readonly orders: number
  readonly other: number
}

export const defaultLimits: BrokerLimits = { quotes: 20, history: 10, orders: 50, other: 100 }

const defaultPort = 5500

export const brokerUsage = `The simulated broker, a process of its own.

  node src/simulated-broker/main.ts --data DIR [FLAGS]

  --port PORT          default ${defaultPort}; 0 takes any that is free
  --host HOST          default 127.0.0.1
  --data DIR           where its books are kept
  --instruments FILE   the master that it publishes; without it an invented market
  --ticks FILE         a recorded session to replay (CSV: timestamp_ist,symbol,exchange,ltp,volume; plain or .gz);
                       it begins when somebody subscribes
  --speed FACTOR       of the replay; default 1
  --tokens-end HH:MM   in Asia/Kolkata; default 03:00
  --limit-quotes N     calls in a second for each account; also --limit-history, --limit-orders, --limit-other`

/** @throws Error that says what is wrong */
export function readBrokerOptions(args: readonly string[]): BrokerOptions {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: String(defaultPort) },
      data: text,
      instruments: text,
      ticks: text,
      speed: { type: 'string', default: '1' },
      'tokens-end': { type: 'string', default: '03:00' },
      'limit-quotes': text,
      'limit-history': text,
      'limit-orders': text,
      'limit-other': text,
    },
  })
  if (values.data === undefined) throw new Error('--data is missing: name a directory for the books')
  return {
    host: values.host,
    port: wholeNumberIn('--port', values.port, { from: 0, to: 65_535 }),
    directory: values.data,
    instrumentsFile: values.instruments,
    ticksFile: values.ticks,
    speed: numberIn('--speed', values.speed, { from: 0.001, to: 10_000 }),
    tokensEndAt: values['tokens-end'],
    limits: {
      quotes: limitOf('quotes', values['limit-quotes']),
      history: limitOf('history', values['limit-history']),
      orders: limitOf('orders', values['limit-orders']),
      other: limitOf('other', values['limit-other']),
    },
  }
}

function limitOf(kind: keyof BrokerLimits, text: string | undefined): number {
  return text === undefined
    ? defaultLimits[kind]
    : wholeNumberIn(`--limit-${kind}`, text, { from: 1, to: 100_000 })
}
