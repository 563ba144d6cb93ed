import { describe, expect, it } from 'vitest'
import { applies, type BackendConcern } from './backend-case.ts'
import type { BackendHarness } from './backend-harness.ts'
import { allBackendCases } from './cases/all-backend-cases.ts'
import { runBackendCase } from './run-backend-cases.ts'
import { runTransportCase } from './transport/run-transport-case.ts'
import { concerns } from './transport/transport-case.ts'
import { transportCases } from './transport/transport-cases.ts'
import type { TransportHarness } from './transport/transport-harness.ts'

const timeoutMs = 30_000

/** Registers the contract of a backend with vitest: a test for each case that its capabilities ask for. */
export function testBackend(harness: BackendHarness): void {
  for (const { concern, cases } of applyingConcerns(harness)) {
    describe(`${harness.name}: ${concern}`, () => {
      for (const item of cases) {
        it(`${concern}: ${item.name}`, { timeout: timeoutMs }, async () => {
          await expect(runBackendCase(item, harness)).resolves.toBeUndefined()
        })
      }
    })
  }
}

/** Registers the contract of a transport with vitest. */
export function testTransport(harness: TransportHarness): void {
  describe(`${harness.name}: transport`, () => {
    for (const item of transportCases.filter((each) => concerns(each, harness))) {
      it(`transport: ${item.name}`, { timeout: 2 * timeoutMs }, async () => {
        await expect(runTransportCase(item, harness)).resolves.toBeTypeOf('boolean')
      })
    }
  })
}

function applyingConcerns(harness: BackendHarness): readonly BackendConcern[] {
  return allBackendCases
    .map(({ concern, cases }) => ({ concern, cases: cases.filter((item) => applies(item, harness)) }))
    .filter(({ cases }) => cases.length > 0)
}
