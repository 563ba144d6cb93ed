import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { kolkataDate, kolkataMs } from '../../src/calendar/kolkata.ts'

const dayMs = 86_400_000

/** A wall clock for processes that are started with `environment`; it can be put ahead while they run. */
export class MovedTime {
  readonly #file: string
  /** The day on which the test begins: tomorrow, in Asia/Kolkata. */
  readonly #firstMs = Date.now() + dayMs

  constructor(directory: string) {
    this.#file = join(directory, 'clock-shift')
    this.#shiftBy(0)
  }

  get environment(): Readonly<Record<string, string>> {
    const script = new URL('shifted-clock.ts', import.meta.url).href
    return { CLOCK_SHIFT_FILE: this.#file, NODE_OPTIONS: `--import=${script}` }
  }

  /** A time (`HH:MM`) in Asia/Kolkata, so many days after the first. */
  at(day: number, time: string): number {
    return kolkataMs(kolkataDate(this.#firstMs + day * dayMs), time)
  }

  moveTo(day: number, time: string): void {
    this.#shiftBy(this.at(day, time) - Date.now())
  }

  /** In one step: nobody reads half a number. */
  #shiftBy(shiftMs: number): void {
    writeFileSync(`${this.#file}.new`, String(shiftMs))
    renameSync(`${this.#file}.new`, this.#file)
  }
}
