import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@cache/core'
import type {
  InvalidationMessage,
  InvalidationTransport,
  TouchedEntries,
  TransportListener,
} from '@cache/core'
import type { TransportFixture, TransportHarness } from './transport-harness.ts'

/** How long something may take that happens by itself. */
const patienceMs = 15_000

/** The cache that cases tell of. */
const cache = 'cases'

/** A started transport and what it heard. */
export class Ear implements TransportListener {
  readonly messages: InvalidationMessage[] = []
  readonly reports: string[] = []
  /** Keys of entries that were touched. */
  readonly touched: string[] = []
  /** How often anything may have been touched. */
  allTouched = 0
  connects = 0
  readonly transport: InvalidationTransport
  /** What the listener does with a message beside noting it. */
  hear: (message: InvalidationMessage) => void = () => undefined

  constructor(transport: InvalidationTransport) {
    this.transport = transport
  }

  readonly onMessage = (message: InvalidationMessage): void => {
    this.messages.push(message)
    this.hear(message)
  }

  readonly onConnect = (): void => {
    this.connects++
  }

  readonly onTouched = (entries?: TouchedEntries): void => {
    if (!entries) this.allTouched++
    else if (entries.cache === cache) this.touched.push(...entries.keys)
    else assert.fail(`${entries.cache} is not followed`)
  }

  /** What came, without the greetings that cases exchange until they hear each other. */
  get sequences(): number[] {
    return this.messages.map(({ invalidation }) => invalidation.sequence).filter((sequence) => sequence > 0)
  }
}

/** What a case is given: a place where transports meet. */
export class TransportCaseContext {
  readonly harness: TransportHarness
  readonly fixture: TransportFixture
  readonly #opened: InvalidationTransport[] = []
  #speaker: Promise<Ear> | undefined

  private constructor(harness: TransportHarness, fixture: TransportFixture) {
    this.harness = harness
    this.fixture = fixture
  }

  static async open(harness: TransportHarness): Promise<TransportCaseContext> {
    return new TransportCaseContext(harness, await harness.create())
  }

  /** A transport that is not started; closed at the end of the case. */
  transport(): InvalidationTransport {
    const transport = this.fixture.transport()
    this.#opened.push(transport)
    return transport
  }

  /** A transport that listens. */
  async ear(prefix = 'conformance', transport: InvalidationTransport = this.transport()): Promise<Ear> {
    const ear = new Ear(transport)
    transport.follow?.(cache)
    await transport.start(ear, {
      prefix,
      clock: systemClock,
      report: (message) => void ear.reports.push(message),
    })
    return ear
  }

  /** An ear that hears what is said from now on. */
  async listening(prefix?: string): Promise<Ear> {
    const ear = await this.ear(prefix)
    await this.greet(ear, prefix)
    return ear
  }

  /** Says something until it is heard, as transports find each other in their own time. */
  async greet(ear: Ear, prefix?: string): Promise<void> {
    const before = ear.messages.length
    await eventually(async () => {
      await this.say(invalidationOf(0), prefix).catch(() => undefined)
      return ear.messages.length > before
    }, 'what is said should be heard')
  }

  /** Says something as another process would. */
  async say(
    invalidation: InvalidationMessage['invalidation'],
    prefix = 'conformance',
    epoch = 'epoch',
  ): Promise<void> {
    const message = { cache, epoch, invalidation }
    if (this.fixture.say) await this.fixture.say(message, prefix)
    else await (await this.#speakerOf(prefix)).transport.publish(message)
  }

  async close(): Promise<void> {
    for (const transport of this.#opened) await transport.close()
    await this.fixture.cleanup()
  }

  /** Transports that the engine publishes by speak for themselves; another one of the place does so here. */
  #speakerOf(prefix: string): Promise<Ear> {
    if (prefix !== 'conformance') return this.ear(prefix)
    this.#speaker ??= this.ear()
    return this.#speaker
  }
}

/** The deletion of one key. */
export function invalidationOf(sequence: number, key = `k${sequence}`): InvalidationMessage['invalidation'] {
  return { kind: 'keys', keys: [key], sequence }
}

/** Waits for something that happens by itself. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  expectation: string,
): Promise<void> {
  const endMs = performance.now() + patienceMs
  while (!(await condition())) {
    assert.ok(performance.now() < endMs, `${expectation}, within ${patienceMs} ms`)
    await sleep(5)
  }
}
