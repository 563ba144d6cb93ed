import type { Clock } from '@cache/ports'

/** An estimate older than this is not relied upon. */
const lastsMs = 10_000

/** By how much the wall clock may leave the monotonic one before the machine is taken to have slept. */
const sleptMs = 500

/** How far two clocks drift apart at most, as a share of the time that passes. */
const drift = 0.0005

interface Sample {
  /** Server time less local time is at least this … */
  readonly least: number
  /** … and at most this. */
  readonly most: number
  readonly takenAtMs: number
  /** Wall less monotonic time here, when it was taken. */
  readonly wallOffsetMs: number
}

/** What time it is at a server, bounded from both sides by when a command was sent and when its reply came. */
export class ServerTime {
  readonly #clock: Clock
  #sample: Sample | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes the server's time from a reply to what was sent at `sentMs`. */
  learn(serverMs: number, sentMs: number): void {
    const receivedMs = this.#clock.monotonicMs()
    const fresh: Sample = {
      least: serverMs - receivedMs,
      most: serverMs - sentMs,
      takenAtMs: receivedMs,
      wallOffsetMs: this.#clock.wallMs() - receivedMs,
    }
    const known = this.#sample
    if (!known || !this.#isReliable(known) || contradicts(known, fresh)) this.#sample = fresh
    else if (width(fresh) <= width(known) + drift * (receivedMs - known.takenAtMs)) this.#sample = fresh
  }

  /** It is no later than this at the server; `undefined` where that is not known well enough. */
  latestMs(): number | undefined {
    const sample = this.#sample
    if (!sample || !this.#isReliable(sample)) return undefined
    const nowMs = this.#clock.monotonicMs()
    return nowMs + sample.most + drift * (nowMs - sample.takenAtMs)
  }

  /** It is no earlier than this at the server, by the latest estimate, however old; 0 where there is none. */
  earliestMs(): number {
    const sample = this.#sample
    return sample ? this.#clock.monotonicMs() + sample.least : 0
  }

  /** Nothing is known: another server may answer next. */
  forget(): void {
    this.#sample = undefined
  }

  #isReliable({ takenAtMs, wallOffsetMs }: Sample): boolean {
    const nowMs = this.#clock.monotonicMs()
    return nowMs - takenAtMs <= lastsMs && Math.abs(this.#clock.wallMs() - nowMs - wallOffsetMs) <= sleptMs
  }
}

function width({ least, most }: Sample): number {
  return most - least
}

/** The server's clock was set. */
function contradicts(known: Sample, fresh: Sample): boolean {
  return fresh.least > known.most + 5 || fresh.most < known.least - 5
}
