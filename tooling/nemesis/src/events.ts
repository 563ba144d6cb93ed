/** What a client tells of itself: numbers, five for each event, so that a million of them are no burden. */
export const eventKind = {
  /** A read of ours or of the naive cache; `version` is what it gave. */
  read: 0,
  naiveRead: 1,
  /** A change was acknowledged: nobody is to see a version below it from then on. */
  acknowledged: 2,
  naiveAcknowledged: 3,
} as const

export type EventKind = (typeof eventKind)[keyof typeof eventKind]

export interface HistoryEvent {
  readonly kind: EventKind
  readonly key: number
  readonly version: number
  /** When the call began and when it settled, on the clock that all processes of the machine share. */
  readonly beginMs: number
  readonly endMs: number
}

const width = 5

/** Events on their way. */
export class EventBatch {
  #numbers: number[] = []

  add({ kind, key, version, beginMs, endMs }: HistoryEvent): void {
    this.#numbers.push(kind, key, version, beginMs, endMs)
  }

  take(): Float64Array {
    const taken = Float64Array.from(this.#numbers)
    this.#numbers = []
    return taken
  }
}

export function* eventsOf(numbers: Float64Array): Generator<HistoryEvent> {
  for (let at = 0; at < numbers.length; at += width) {
    const [kind = 0, key = 0, version = 0, beginMs = 0, endMs = 0] = numbers.subarray(at, at + width)
    yield { kind: kind as EventKind, key, version, beginMs, endMs }
  }
}

/** Milliseconds on the machine's monotonic clock. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** What a client sends from time to time. */
export interface ClientReport {
  readonly events: Float64Array
  /** Everything that it acknowledged before is among the events it has sent. */
  readonly untilMs: number
  /** Calls that had been under way for too long, since the last report. */
  readonly hungCalls: number
  /** Reads that rejected, since the last report, and the latest reason. */
  readonly failedReads: number
  readonly failure: string | undefined
  readonly localHits: number
}
