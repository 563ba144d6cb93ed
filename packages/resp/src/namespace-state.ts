import type { Stamp } from '@cache/ports'
import type { CommandReply } from './client/resp-client.ts'

/** The state of a namespace as its key holds it: see `scripts/prelude.ts`. */
export interface NamespaceState {
  readonly stamp: Stamp
  readonly epoch: string
  /** The twelve characters of the epoch as three numbers, to compare them without making text. */
  readonly epochWords: readonly [number, number, number]
  readonly runId: string
  /** The sequence of the latest invalidation of a tag. */
  readonly taggedAt: number
  /** The sequence of the latest clear. */
  readonly clearedAt: number
}

const shape = /^(\S+) (\S+) (\d+) (\d+) (\d+) \d+ \S+$/

/** Reads states, and knows the latest one again without reading it. */
export class StateReader {
  #bytes: Buffer = Buffer.alloc(0)
  #state: NamespaceState | undefined

  /** `undefined` for what is no state of ours. */
  read(reply: CommandReply): NamespaceState | undefined {
    if (!(reply instanceof Uint8Array)) return undefined
    const bytes = reply instanceof Buffer ? reply : Buffer.from(reply)
    if (this.#state && bytes.equals(this.#bytes)) return this.#state
    const state = parse(bytes.toString('latin1'))
    // A copy: the reply may be a part of a much larger one.
    this.#bytes = Buffer.from(bytes)
    this.#state = state
    return state
  }
}

function parse(text: string): NamespaceState | undefined {
  const [, epoch, runId, sequence, taggedAt, clearedAt] = shape.exec(text) ?? []
  if (epoch === undefined || runId === undefined) return undefined
  const words = Buffer.from(epoch.padEnd(12).slice(0, 12), 'latin1')
  return {
    stamp: { epoch, sequence: Number(sequence) },
    epoch,
    epochWords: [words.readUInt32BE(0), words.readUInt32BE(4), words.readUInt32BE(8)],
    runId,
    taggedAt: Number(taggedAt),
    clearedAt: Number(clearedAt),
  }
}
