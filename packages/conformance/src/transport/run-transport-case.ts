import { isOffered, type TransportCase } from './transport-case.ts'
import { TransportCaseContext } from './transport-context.ts'
import type { TransportHarness } from './transport-harness.ts'

/** Runs one case in a place of its own, and rejects as it does; `false` where the place does not offer what it needs. */
export async function runTransportCase(item: TransportCase, harness: TransportHarness): Promise<boolean> {
  const context = await TransportCaseContext.open(harness)
  try {
    if (!isOffered(item, context.fixture)) return false
    await item.run(context)
    return true
  } finally {
    await context.close()
  }
}
