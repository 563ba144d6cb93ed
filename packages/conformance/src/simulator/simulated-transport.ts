import type { InvalidationMessage, InvalidationTransport, TransportListener } from '@cache/core'
import type { TransportPlan } from './seed-plan.ts'
import type { VirtualProcess } from './virtual-process.ts'
import type { VirtualTime } from './virtual-time.ts'

/** Carries messages to every process that listens; loses, doubles, delays and so reorders them. */
export class SimulatedBus {
  readonly #time: VirtualTime
  readonly #plan: TransportPlan
  readonly #listeners = new Map<VirtualProcess, TransportListener>()

  constructor(time: VirtualTime, plan: TransportPlan) {
    this.#time = time
    this.#plan = plan
  }

  publish(message: InvalidationMessage): void {
    for (const process of this.#listeners.keys()) {
      if (this.#time.chance(this.#plan.lostShare)) continue
      this.#send(process, message)
      if (this.#time.chance(this.#plan.doubledShare)) this.#send(process, message)
    }
  }

  transport(process: VirtualProcess): InvalidationTransport {
    return {
      name: 'simulated',
      start: async (listener) => {
        this.#listeners.set(process, listener)
        process.after(this.#time.between(0, 50), () => this.#listeners.get(process)?.onConnect())
      },
      publish: async (message) => this.publish(message),
      close: async () => void this.#listeners.delete(process),
    }
  }

  /** A process that is gone listens no more. */
  forget(process: VirtualProcess): void {
    this.#listeners.delete(process)
  }

  #send(process: VirtualProcess, message: InvalidationMessage): void {
    const isSlow = this.#time.chance(this.#plan.slowShare)
    const delayMs = isSlow ? this.#time.between(5, 400) : this.#time.between(0.1, 2)
    process.after(delayMs, () => this.#listeners.get(process)?.onMessage(message))
  }
}
