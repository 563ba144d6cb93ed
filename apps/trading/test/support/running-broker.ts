import { join } from 'node:path'

import { systemClock } from '@cache/core'

import { BrokerProcess } from '../../src/broker/broker-process.ts'
import { HttpBroker } from '../../src/broker/http-broker.ts'
import { temporaryDirectory } from './running-server.ts'
import { smallMaster } from './small-master.ts'
import { whenOver } from './when-over.ts'

export interface RunningBroker {
  readonly broker: HttpBroker
  readonly endpoint: BrokerProcess
  /** Signs in to an account as a person would. */
  signIn(account?: string): Promise<string>
}

/** The simulated broker in a process of its own, with a small master. */
export async function startBroker(args: readonly string[] = []): Promise<RunningBroker> {
  const directory = await temporaryDirectory()
  const master = args.includes('--instruments') ? [] : ['--instruments', await smallMaster(directory)]
  const endpoint = new BrokerProcess({
    args: ['--data', join(directory, 'broker'), ...master, ...args],
    clock: systemClock,
    onProblem: () => undefined,
  })
  const broker = new HttpBroker(endpoint, systemClock)
  whenOver(() => broker.close())
  const signIn = async (account = 'SIM001'): Promise<string> => {
    const body = new URLSearchParams({
      state: 's',
      redirect_uri: '/broker/callback',
      client_id: account,
      answer: 'allow',
    })
    const answer = await fetch(`${await endpoint.address()}/simulated-broker/authorize`, {
      method: 'POST',
      body,
      redirect: 'manual',
    })
    const back = new URL(answer.headers.get('location') ?? '', 'http://app')
    return (await broker.grant(back.searchParams.get('code') ?? '')).token
  }
  return { broker, endpoint, signIn }
}
