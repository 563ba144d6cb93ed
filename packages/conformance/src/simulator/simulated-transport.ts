import { CacheError } from '@cache/core'
import type { InvalidationMessage, InvalidationTransport, TransportListener } from '@cache/core'
import type { TransportPlan } from './seed-plan.ts'
import type { VirtualProcess } from './virtual-process.ts'
import type { VirtualTime } from './virtual-time.ts'

interface Connection {
  readonly listener: TransportListener
  connected: boolean
}

/** Carries messages to every process that listens; loses, doubles, delays and so reorders them. */
export class SimulatedBus {
  readonly #time: VirtualTime
  readonly #plan: TransportPlan
  readonly #connections = new Map<VirtualProcess, Connection>()

  constructor(time: VirtualTime, plan: TransportPlan) {
    this.#time = time
    this.#plan = plan
  }

  /** What a script on the server publishes with each change. */
  publishFromServer(message: InvalidationMessage): void {
    if (this.#plan.publishedBy === 'backend') this.#publish(message)
  }

  transport(process: VirtualProcess): InvalidationTransport {
    return {
      name: 'simulated',
      publishedBy: this.#plan.publishedBy,
      start: async (listener) => {
        this.#connections.set(process, { listener, connected: false })
        this.#connect(process, this.#time.between(0, 50))
      },
      publish: async (message) => {
        if (this.#time.chance(this.#plan.refusedShare))
          throw new CacheError('TRANSPORT_FAILED', 'Simulated: the message was not taken')
        this.#publish(message)
      },
      close: async () => void this.#connections.delete(process),
    }
  }

  /** The process hears nothing for a while, and is told afterwards. */
  cut(process: VirtualProcess): void {
    const connection = this.#connections.get(process)
    if (!connection) return
    connection.connected = false
    this.#connect(process, this.#time.between(1, 200))
  }

  /** A process that is gone listens no more. */
  forget(process: VirtualProcess): void {
    this.#connections.delete(process)
  }

  #connect(process: VirtualProcess, afterMs: number): void {
    process.after(afterMs, () => {
      const connection = this.#connections.get(process)
      if (!connection) return
      connection.connected = true
      connection.listener.onConnect()
    })
  }

  #publish(message: InvalidationMessage): void {
    for (const [process, { connected }] of this.#connections) {
      if (!connected || this.#time.chance(this.#plan.lostShare)) continue
      this.#send(process, message)
      if (this.#time.chance(this.#plan.doubledShare)) this.#send(process, message)
    }
  }

  #send(process: VirtualProcess, message: InvalidationMessage): void {
    const isSlow = this.#time.chance(this.#plan.slowShare)
    const delayMs = isSlow ? this.#time.between(5, 400) : this.#time.between(0.1, 2)
    process.after(delayMs, () => this.#connections.get(process)?.listener.onMessage(message))
  }
}
