import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { allBackendCases, runBackendCase, type BackendHarness, type Need } from '@cache/conformance'
import { describe, expect, it } from 'vitest'
import { sqlite } from '../src/index.ts'

const harness: BackendHarness = {
  name: 'sqlite',
  capabilities: { shared: 'host', persistent: true, blocking: true, transactional: true },
  payloads: 'encoded',
  time: 'injected',
  steps: true,
  loses: true,
  create: async () => {
    const directory = await mkdtemp(join(tmpdir(), 'cache-sqlite-'))
    const open = async () => sqlite({ directory })
    return {
      backend: await open(),
      second: open,
      reopen: open,
      lose: async () => {
        await rm(directory, { recursive: true, force: true })
        return open()
      },
      cleanup: () => rm(directory, { recursive: true, force: true }),
    }
  },
}

const offered = new Set<Need>(['injected-time', 'shared', 'persistent', 'encoded', 'steps', 'loses'])

// A wall clock ahead of the monotonic one may mean that the machine slept, and then the time has passed. Entries
// that outlive a process have to take it at its word: see database-time.test.ts for what holds instead.
const contradicted = new Set(['a wall clock that is set forward does not end what is still to live'])

for (const { concern, cases } of allBackendCases) {
  const applying = cases.filter(
    ({ name, needs = [] }) => needs.every((need) => offered.has(need)) && !contradicted.has(name),
  )
  describe.runIf(applying.length > 0)(`sqlite: ${concern}`, () => {
    for (const item of applying) {
      it(`${concern}: ${item.name}`, async () => {
        await expect(runBackendCase(item, harness)).resolves.toBeUndefined()
      })
    }
  })
}
