import { mkdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'

import { dailyAt, systemClock } from '@cache/core'

import { AccountLimits } from './account-limits.ts'
import { type BrokerOptions, brokerUsage, readBrokerOptions } from './broker-options.ts'
import { createBrokerServer } from './broker-server.ts'
import { MarketFeed } from './market-feed.ts'
import { PriceModel } from './price-model.ts'
import { PublishedMaster } from './published-master.ts'
import { SimulatedBroker } from './simulated-broker.ts'
import { readTicks, TickReplay } from './tick-replay.ts'

const clock = systemClock
const args = process.argv.slice(2)

if (args.includes('--help')) process.stdout.write(`${brokerUsage}\n`)
else await run(readOrExplain())

function readOrExplain(): BrokerOptions {
  try {
    return readBrokerOptions(args)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}; see --help\n`)
    return process.exit(2)
  }
}

async function run(options: BrokerOptions): Promise<void> {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 })
  const { instrumentsFile: file, ticksFile, directory } = options
  const master = new PublishedMaster({ file, ticksFile, directory, onError: report })
  const invented = new PriceModel((underlying) => master.anchor(underlying))
  const replay =
    ticksFile === undefined
      ? undefined
      : new TickReplay({
          ticks: readTicks(ticksFile),
          speed: options.speed,
          clock,
          fallback: invented,
          onError: report,
        })
  const broker = new SimulatedBroker({
    path: join(directory, 'simulated-broker.db'),
    clock,
    tokenLifetimeMs: dailyAt(options.tokensEndAt, 'Asia/Kolkata'),
    market: replay ?? invented,
    onError: report,
    onOrder: (account, order) => feed.order(account, order),
  })
  const server = createBrokerServer({ broker, master, limits: new AccountLimits(options.limits, clock) })
  const feed = new MarketFeed({ server: server.server, broker, master, replay, clock })
  await server.listen({ host: options.host, port: options.port })
  stopWhenAsked(async () => {
    feed.close()
    replay?.close()
    await server.close()
    await broker.close()
  })
  if (broker.hasWork) void master.load().then(() => broker.start())
  announce(`http://${options.host}:${(server.server.address() as AddressInfo).port}`)
}

/** To the process that started this one, or to the person. */
function announce(address: string): void {
  if (process.send !== undefined) process.send({ address })
  else process.stdout.write(`Simulated broker  →  ${address}\n`)
}

/** One that the app started ends with the app, however that ended; Ctrl-C is the app's to answer. */
function stopWhenAsked(stop: () => Promise<void>): void {
  let stopping = false
  const end = (): void => {
    if (stopping) return
    stopping = true
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  const isChild = process.send !== undefined
  process.on('SIGTERM', end)
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, isChild ? () => undefined : end)
  if (isChild) process.on('disconnect', end)
}

function report(error: unknown): void {
  process.stderr.write(`The simulated broker: ${error instanceof Error ? error.message : String(error)}\n`)
}
