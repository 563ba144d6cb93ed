import type { Clock } from '@cache/core'

import type { AppLog } from '../app-parts.ts'
import type { Configuration } from '../config/configuration.ts'
import { brokerAt, type BrokerEndpoint } from './broker-endpoint.ts'
import { BrokerProcess } from './broker-process.ts'

/** The broker that is named, or the simulated one as a process of ours. */
export function openBrokerEndpoint(configuration: Configuration, clock: Clock, log: AppLog): BrokerEndpoint {
  const { values, dataDirectory, instrumentsFile, ticksFile } = configuration
  if (values.BROKER_URL !== undefined) return brokerAt(values.BROKER_URL)
  const args = [
    ['--data', dataDirectory],
    ['--tokens-end', values.SESSION_EXPIRY_TIME],
    ['--speed', String(values.TICKS_SPEED)],
    ...(instrumentsFile === undefined ? [] : [['--instruments', instrumentsFile]]),
    ...(ticksFile === undefined ? [] : [['--ticks', ticksFile]]),
  ].flat()
  return new BrokerProcess({ args, clock, onProblem: (message) => log.warn({}, message) })
}
