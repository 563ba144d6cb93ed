import type { TransportCaseContext } from './transport-context.ts'
import type { TransportFixture, TransportHarness } from './transport-harness.ts'

/** One behaviour that every transport has, as plain data. */
export interface TransportCase {
  /** In the present tense. */
  readonly name: string
  /** What the fixture must offer. */
  readonly needs?: 'sayRaw' | 'cut' | 'touch' | undefined
  /** Only where the engine publishes. */
  readonly forEngine?: boolean | undefined
  run(context: TransportCaseContext): Promise<void>
}

/** Whether the harness declares what the case is about. */
export function concerns(item: TransportCase, harness: TransportHarness): boolean {
  return !item.forEngine || harness.publishedBy === 'engine'
}

/** Whether the place offers what the case needs. */
export function isOffered(item: TransportCase, fixture: TransportFixture): boolean {
  return item.needs === undefined || fixture[item.needs] !== undefined
}
