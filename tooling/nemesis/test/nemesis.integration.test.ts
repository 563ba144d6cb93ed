import { expect, it } from 'vitest'
import { faults } from '../src/faults.ts'
import { runNemesis } from '../src/nemesis.ts'

/** Every fault once; `pnpm nemesis` goes on for as long as it is told. */
it.each(['redis', 'valkey'] as const)(
  '%s: no read is stale beyond the bound, no call hangs and none fails, whatever breaks',
  { timeout: 600_000 },
  async (kind) => {
    const result = await runNemesis({
      kind,
      clients: 5,
      seed: 1,
      isEnough: (figures) => figures.faults >= faults.length,
      onFault: () => undefined,
    })
    expect(result).toMatchObject({ staleReads: [], hungCalls: 0, failedReads: 0, troubles: [] })
    expect(result.checkedReads).toBeGreaterThan(1000)
    expect(result.naiveStale).toBeGreaterThan(0)
  },
)
