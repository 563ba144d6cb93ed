import { eventKind, type HistoryEvent } from './events.ts'
import { slackMs, withinMs } from './plan.ts'

/** The newest version that had been acknowledged, at each moment. Moments may come out of order. */
class Floors {
  readonly #timesMs: number[] = []
  readonly #versions: number[] = []

  add(version: number, atMs: number): void {
    let at = this.#timesMs.length
    while (at > 0 && (this.#timesMs[at - 1] ?? 0) > atMs) at--
    const before = this.#versions[at - 1] ?? 0
    this.#timesMs.splice(at, 0, atMs)
    this.#versions.splice(at, 0, Math.max(before, version))
    for (let next = at + 1; next < this.#versions.length && (this.#versions[next] ?? 0) < version; next++)
      this.#versions[next] = version
  }

  before(ms: number): number {
    let low = 0
    let high = this.#timesMs.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#timesMs[middle] ?? 0) < ms) low = middle + 1
      else high = middle
    }
    return this.#versions[low - 1] ?? 0
  }
}

export interface StaleRead {
  readonly client: string
  readonly event: HistoryEvent
  /** What it should have been at least, and why. */
  readonly floor: number
  readonly rule: 'within the bound' | 'its own change'
  /** The latest events of the key. */
  readonly history: readonly string[]
}

const rememberedEvents = 60

/** Holds every read against what had been acknowledged before it began. */
export class History {
  checkedReads = 0
  naiveReads = 0
  naiveStale = 0
  /** The oldest value served, by how long before the read a newer one had been acknowledged. */
  readonly staleReads: StaleRead[] = []
  readonly #floors = new Map<string, Floors>()
  readonly #recent = new Map<number, string[]>()
  /** Reads that wait until everyone has told what was acknowledged before them. */
  readonly #waiting = new Map<string, HistoryEvent[]>()

  acknowledged(client: string, event: HistoryEvent): void {
    const { kind, key, version, endMs } = event
    const naive = kind === eventKind.naiveAcknowledged ? 'naive ' : ''
    this.#floorsOf(`${naive}${key}`).add(version, endMs)
    if (naive !== '') return
    this.#floorsOf(`${client} ${key}`).add(version, endMs)
    this.#note(client, event)
  }

  read(client: string, event: HistoryEvent): void {
    const waiting = this.#waiting.get(client) ?? []
    waiting.push(event)
    this.#waiting.set(client, waiting)
  }

  /** Checks the reads that began before a moment up to which every client has told everything. */
  checkUntil(ms: number): void {
    for (const [client, waiting] of this.#waiting) {
      const due = waiting.filter(({ beginMs }) => beginMs < ms)
      if (due.length === 0) continue
      this.#waiting.set(
        client,
        waiting.filter(({ beginMs }) => beginMs >= ms),
      )
      for (const event of due) this.#check(client, event)
    }
  }

  #check(client: string, event: HistoryEvent): void {
    const { kind, key, version, beginMs } = event
    const boundMs = beginMs - withinMs - slackMs
    if (kind === eventKind.naiveRead) {
      this.naiveReads++
      if (version < this.#floorsOf(`naive ${key}`).before(boundMs)) this.naiveStale++
      return
    }
    this.checkedReads++
    this.#note(client, event)
    const shared = this.#floorsOf(String(key)).before(boundMs)
    if (version < shared) this.#stale(client, event, shared, 'within the bound')
    const own = this.#floorsOf(`${client} ${key}`).before(beginMs)
    if (version < own) this.#stale(client, event, own, 'its own change')
  }

  #stale(client: string, event: HistoryEvent, floor: number, rule: StaleRead['rule']): void {
    this.staleReads.push({ client, event, floor, rule, history: [...(this.#recent.get(event.key) ?? [])] })
  }

  /** Reads that give the same as the one before are not worth a line. */
  #note(client: string, { kind, key, version, beginMs, endMs }: HistoryEvent): void {
    const lines = this.#recent.get(key) ?? []
    const what = kind === eventKind.acknowledged ? 'acknowledged' : 'read'
    const text = `${client} ${what} ${version}`
    const last = lines.at(-1)
    if (!last?.endsWith(text)) lines.push(`${beginMs.toFixed(1)}–${endMs.toFixed(1)} ${text}`)
    if (lines.length > rememberedEvents) lines.shift()
    this.#recent.set(key, lines)
  }

  #floorsOf(name: string): Floors {
    let floors = this.#floors.get(name)
    if (!floors) {
      floors = new Floors()
      this.#floors.set(name, floors)
    }
    return floors
  }
}
