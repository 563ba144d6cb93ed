import { setTimeout as sleep } from 'node:timers/promises'
import type { ProxyBehaviour } from '@cache/tooling-servers'
import type { Client } from './client.ts'
import type { Servers } from './servers.ts'

/** What faults act on. */
export interface Battlefield {
  readonly servers: Servers
  readonly clients: readonly Client[]
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** Kills a client process and starts another one in its place. */
  readonly replaceClient: (client: Client) => Promise<void>
}

export interface Fault {
  readonly name: string
  readonly run: (field: Battlefield) => Promise<void>
}

/** Each in its turn; in between, everything is whole for a moment. */
export const faults: readonly Fault[] = [
  {
    name: 'the server is killed and comes back with a snapshot of the past',
    run: async ({ servers, random }) => {
      await servers.remember()
      await sleep(600 + random() * 600)
      await servers.primary.kill()
      await sleep(random() * 500)
      await servers.primary.restart(servers.past)
      await servers.repair()
    },
  },
  {
    name: 'the server stands still',
    run: async ({ servers, random }) => {
      servers.primary.pause()
      await sleep(200 + random() * 1300)
      servers.primary.resume()
    },
  },
  {
    name: 'client processes stand still',
    run: async ({ clients, random }) => {
      const paused = clients.filter(() => random() < 0.5)
      for (const client of paused) client.pause()
      await sleep(100 + random() * 1400)
      for (const client of paused) client.resume()
    },
  },
  onNetworks('connections are cut', async ({ proxy }) => {
    for (let time = 0; time < 3; time++) {
      proxy.cut()
      await sleep(150)
    }
  }),
  withTraffic('replies are lost after the commands were carried out', { replies: { mode: 'drop' } }),
  withTraffic('requests are lost', { requests: { mode: 'drop' } }),
  {
    name: 'the server is restarted empty',
    run: async ({ servers, random }) => {
      await servers.primary.kill()
      await sleep(random() * 800)
      await servers.primary.restart('empty')
      await servers.repair()
    },
  },
  withTraffic('the network is slow and sends in slices', {
    requests: { delayMs: 40, sliceBytes: 7 },
    replies: { delayMs: 60, sliceBytes: 11 },
  }),
  withTraffic('what comes is held back and then arrives', { replies: { mode: 'hold' } }),
  {
    name: 'a client process is killed and another one takes its place',
    run: async ({ clients, random, replaceClient }) => {
      const [victim] = clients.toSorted(() => random() - 0.5)
      if (victim) await replaceClient(victim)
      await sleep(500)
    },
  },
  {
    name: 'a replica that lags behind takes over',
    run: async ({ servers, clients, random }) => {
      await servers.letReplicaFallBehind()
      await sleep(500 + random() * 1000)
      await servers.failOver()
      for (const { proxy } of clients) {
        proxy.forwardTo(servers.primary.port)
        proxy.cut()
      }
      await sleep(300)
      await servers.repair()
    },
  },
  onNetworks('connections end on one side', async ({ proxy }, random) => {
    proxy.halfClose(random() < 0.5 ? 'requests' : 'replies')
    await sleep(700)
  }),
  onNetworks('some cannot reach the server', async ({ proxy }, random) => {
    proxy.behave({ refuse: true })
    proxy.cut()
    await sleep(400 + random() * 1000)
    proxy.behave({})
  }),
]

/** Something that happens to the networks of about half of the clients at once. */
function onNetworks(name: string, run: (client: Client, random: () => number) => Promise<void>): Fault {
  return {
    name,
    run: async ({ clients, random }) => {
      const [first, ...others] = clients.toSorted(() => random() - 0.5)
      const hit = [...(first ? [first] : []), ...others.filter(() => random() < 0.4)]
      await Promise.all(hit.map((client) => run(client, random)))
    },
  }
}

function loses({ requests, replies }: ProxyBehaviour): boolean {
  return requests?.mode === 'drop' || replies?.mode === 'drop'
}

function withTraffic(name: string, behaviour: ProxyBehaviour): Fault {
  return onNetworks(name, async ({ proxy }, random) => {
    proxy.behave(behaviour)
    await sleep(300 + random() * 900)
    // A network that loses bytes for good never goes on with the same connection.
    if (loses(behaviour)) proxy.cut()
    proxy.behave({})
  })
}
