/** The newest version whose invalidation was acknowledged, at each moment. */
class FloorLog {
  readonly #timesMs: number[] = []
  readonly #versions: number[] = []

  /** Moments never go back. */
  raise(version: number, nowMs: number): void {
    if (version <= (this.#versions.at(-1) ?? 0)) return
    this.#timesMs.push(nowMs)
    this.#versions.push(version)
  }

  get now(): number {
    return this.#versions.at(-1) ?? 0
  }

  /** What had been acknowledged before a moment. */
  before(ms: number): number {
    for (let index = this.#timesMs.length - 1; index >= 0; index--) {
      if ((this.#timesMs[index] ?? 0) < ms) return this.#versions[index] ?? 0
    }
    return 0
  }
}

/** Hard: never to be served again. Soft: `expire`, after which it may be served as stale. */
export type FloorKind = 'hard' | 'soft'

interface KeyFloors {
  readonly hard: FloorLog
  readonly soft: FloorLog
}

/** What readers of each key may no longer be given, for everyone and for each process by its own doing. */
export class Floors {
  readonly #shared = new Map<number, KeyFloors>()
  readonly #own = new Map<number, Map<number, KeyFloors>>()

  /** A change of `process` was acknowledged. */
  acknowledge(
    key: number,
    version: number,
    by: { readonly process: number; readonly kind: FloorKind; readonly nowMs: number },
  ): void {
    for (const floors of [this.#of(this.#shared, key), this.#of(this.#ownOf(by.process), key)]) {
      floors.soft.raise(version, by.nowMs)
      if (by.kind === 'hard') floors.hard.raise(version, by.nowMs)
    }
  }

  now(key: number, kind: FloorKind): number {
    return this.#of(this.#shared, key)[kind].now
  }

  before(key: number, kind: FloorKind, ms: number): number {
    return this.#of(this.#shared, key)[kind].before(ms)
  }

  /** What the process itself was told is done. */
  own(key: number, kind: FloorKind, process: number): number {
    return this.#of(this.#ownOf(process), key)[kind].now
  }

  #ownOf(process: number): Map<number, KeyFloors> {
    let floors = this.#own.get(process)
    if (!floors) {
      floors = new Map()
      this.#own.set(process, floors)
    }
    return floors
  }

  #of(map: Map<number, KeyFloors>, key: number): KeyFloors {
    let floors = map.get(key)
    if (!floors) {
      floors = { hard: new FloorLog(), soft: new FloorLog() }
      map.set(key, floors)
    }
    return floors
  }
}
