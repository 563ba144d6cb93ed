import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '@cache/conformance'
import { TcpProxy, type ServerKind } from '@cache/tooling-servers'
import { Client } from './client.ts'
import { eventKind, eventsOf, nowMs, type ClientReport } from './events.ts'
import { faults } from './faults.ts'
import { History, type StaleRead } from './history.ts'
import { Servers } from './servers.ts'

export interface NemesisOptions {
  readonly kind: ServerKind
  /** Asked before each fault whether that was enough. */
  readonly isEnough: (figures: NemesisFigures) => boolean
  readonly clients: number
  readonly seed: number
  /** Told of each fault as it begins. */
  readonly onFault: (name: string, figures: NemesisFigures) => void
}

export interface NemesisFigures {
  readonly checkedReads: number
  readonly staleBeyondBound: number
  readonly hungCalls: number
  readonly failedReads: number
  readonly naiveReads: number
  readonly naiveStale: number
  /** Reads that L1 answered, 0–1. */
  readonly localShare: number
  readonly faults: number
}

export interface NemesisResult extends NemesisFigures {
  readonly staleReads: readonly StaleRead[]
  /** Why reads failed or processes ended, a few of them. */
  readonly troubles: readonly string[]
}

/** Between two faults, for everything to become whole again. */
const restMs = 400

const checkEveryMs = 250

/** For client processes to start, on a machine that has other things to do. */
const startMs = 240_000

/** A client that says nothing for so long no longer holds up the check. */
const silenceMs = 8000

/** Breaks what there is for a while and resolves with what was found; nothing of it runs afterwards. */
export async function runNemesis(options: NemesisOptions): Promise<NemesisResult> {
  const nemesis = new Nemesis(options, await Servers.start(options.kind))
  try {
    return await nemesis.run()
  } finally {
    await nemesis.stop()
  }
}

class Nemesis {
  readonly #options: NemesisOptions
  readonly #servers: Servers
  readonly #random: () => number
  readonly #history = new History()
  readonly #clients: Client[] = []
  readonly #troubles = new Set<string>()
  #incarnations = 0
  #hungCalls = 0
  #failedReads = 0
  #localHits = 0
  #faults = 0
  #checkedAtMs = 0

  constructor(options: NemesisOptions, servers: Servers) {
    this.#options = options
    this.#servers = servers
    const dice = seededRandom(options.seed)
    this.#random = () => dice.below(2 ** 30) / 2 ** 30
  }

  async run(): Promise<NemesisResult> {
    const { clients, isEnough } = this.#options
    for (let index = 0; index < clients; index++) {
      const proxy = await TcpProxy.start(this.#servers.primary.port)
      this.#clients.push(this.#newClient(index, proxy))
    }
    await this.#untilAllWork()
    while (!isEnough(this.#figures())) await this.#breakSomething()
    await sleep(1500)
    this.#history.checkUntil(this.#toldUntilMs())
    return {
      ...this.#figures(),
      staleReads: this.#history.staleReads,
      troubles: [...this.#troubles],
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.kill()))
    await Promise.all(this.#clients.map(({ proxy }) => proxy.stop()))
    await this.#servers.stop()
  }

  async #untilAllWork(): Promise<void> {
    const endMs = nowMs() + startMs
    while (this.#clients.some(({ toldUntilMs }) => toldUntilMs === 0)) {
      if (nowMs() > endMs) throw new Error(`Clients did not start: ${[...this.#troubles].join('\n')}`)
      await sleep(50)
    }
  }

  async #breakSomething(): Promise<void> {
    const fault = faults[this.#faults++ % faults.length]
    this.#options.onFault(fault?.name ?? '', this.#figures())
    await fault?.run({
      servers: this.#servers,
      clients: this.#clients,
      random: this.#random,
      replaceClient: (client) => this.#replace(client),
    })
    await sleep(restMs + this.#random() * restMs)
  }

  #newClient(index: number, proxy: TcpProxy): Client {
    const { clients, kind, seed } = this.#options
    return new Client({
      plan: {
        index,
        clients,
        kind,
        truthUrl: this.#servers.truth.url,
        // One lives by asking alone.
        hears: index > 0,
        seed: seed * 1000 + this.#incarnations++,
      },
      proxy,
      onReport: (client, report) => this.#take(client, report),
      onCrash: ({ name }, output) => {
        this.#troubles.add(`${name} ended by itself: ${output}`)
        this.#hungCalls++
      },
    })
  }

  async #replace(client: Client): Promise<void> {
    await client.kill()
    const at = this.#clients.indexOf(client)
    this.#clients[at] = this.#newClient(client.index, client.proxy)
  }

  #take(client: Client, report: ClientReport): void {
    for (const event of eventsOf(report.events)) {
      const isRead = event.kind === eventKind.read || event.kind === eventKind.naiveRead
      if (isRead) this.#history.read(client.name, event)
      else this.#history.acknowledged(client.name, event)
    }
    client.toldUntilMs = report.untilMs
    this.#hungCalls += report.hungCalls
    this.#failedReads += report.failedReads
    this.#localHits += report.localHits
    if (report.failure !== undefined) this.#troubles.add(`a read failed: ${report.failure}`)
    if (nowMs() - this.#checkedAtMs < checkEveryMs) return
    this.#checkedAtMs = nowMs()
    this.#history.checkUntil(this.#toldUntilMs())
  }

  #toldUntilMs(): number {
    const forgottenMs = nowMs() - silenceMs
    return Math.min(...this.#clients.map(({ toldUntilMs }) => Math.max(toldUntilMs, forgottenMs)))
  }

  #figures(): NemesisFigures {
    const { checkedReads, naiveReads, naiveStale, staleReads } = this.#history
    return {
      checkedReads,
      staleBeyondBound: staleReads.length,
      hungCalls: this.#hungCalls,
      failedReads: this.#failedReads,
      naiveReads,
      naiveStale,
      localShare: checkedReads > 0 ? Math.min(1, this.#localHits / checkedReads) : 0,
      faults: this.#faults,
    }
  }
}
