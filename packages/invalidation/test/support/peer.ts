import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { PeerAnswer, PeerOrder } from '../children/peer.ts'

/** A process of its own that does what it is told. */
export class Peer {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (result: unknown) => void>()
  #orders = 0

  private constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', ({ id, result }: PeerAnswer) => {
      this.#waiting.get(id)?.(result)
      this.#waiting.delete(id)
    })
  }

  static async start(directory: string): Promise<Peer> {
    const child = fork(join(import.meta.dirname, '../children/peer.ts'), [directory], {
      execArgv: ['--no-warnings'],
    })
    const peer = new Peer(child)
    await new Promise<unknown>((resolve, reject) => {
      peer.#waiting.set(0, resolve)
      child.once('exit', (code) => reject(new Error(`the process ended with ${code}`)))
    })
    return peer
  }

  tell(what: PeerOrder['what'], name = '', value?: string): Promise<unknown> {
    const id = ++this.#orders
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.#child.send({ id, what, name, value } satisfies PeerOrder)
    })
  }

  /** Ends it; `SIGKILL` leaves it no time for anything. */
  async end(signal?: 'SIGKILL'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    if (signal) this.#child.kill(signal)
    else this.#child.disconnect()
    await exit
  }
}
