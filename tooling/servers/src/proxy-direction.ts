import type { Socket } from 'node:net'

/** What happens to the bytes of one direction. */
export interface Traffic {
  /** `pass` them on, `hold` them until told otherwise, or `drop` them for ever. */
  readonly mode?: 'pass' | 'hold' | 'drop' | undefined
  /** Each piece waits for this long; the order stays. */
  readonly delayMs?: number | undefined
  /** Bytes pass in pieces of this many, each written by itself. */
  readonly sliceBytes?: number | undefined
}

/** One direction of a proxied connection. */
export class Direction {
  readonly #to: Socket
  readonly #queue: { readonly bytes: Buffer; readonly dueAtMs: number }[] = []
  #traffic: Traffic
  #timer: NodeJS.Timeout | undefined
  #ended = false
  #droppedBytes = 0

  constructor(from: Socket, to: Socket, traffic: Traffic = {}) {
    this.#to = to
    this.#traffic = traffic
    from.on('data', (bytes) => this.#take(bytes))
    from.on('end', () => {
      this.#ended = true
      this.#pump()
    })
  }

  get droppedBytes(): number {
    return this.#droppedBytes
  }

  /** What waits to be passed on. */
  get heldBytes(): number {
    return this.#queue.reduce((sum, { bytes }) => sum + bytes.length, 0)
  }

  become(traffic: Traffic = {}): void {
    this.#traffic = traffic
    this.#pump()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#queue.length = 0
  }

  #take(bytes: Buffer): void {
    const { mode = 'pass', delayMs = 0, sliceBytes = bytes.length } = this.#traffic
    if (mode === 'drop') {
      this.#droppedBytes += bytes.length
      return
    }
    const dueAtMs = performance.now() + delayMs
    for (let start = 0; start < bytes.length; start += sliceBytes)
      this.#queue.push({ bytes: bytes.subarray(start, start + sliceBytes), dueAtMs })
    this.#pump()
  }

  #pump(): void {
    clearTimeout(this.#timer)
    if (this.#traffic.mode === 'hold') return
    for (let next = this.#queue[0]; next; next = this.#queue[0]) {
      const waitMs = next.dueAtMs - performance.now()
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#pump(), waitMs)
        return
      }
      this.#queue.shift()
      if (this.#to.writable) this.#to.write(next.bytes)
    }
    if (this.#ended && this.#to.writable) this.#to.end()
  }
}
