import type { BackendHarness } from '../src/index.ts'
import {
  referenceBackend,
  referenceCapabilities,
  referenceStorage,
  type ReferenceRules,
} from '../src/index.ts'

/** The reference backend as its own harness: processes that share one storage. */
export function referenceHarness(name: string, rules?: ReferenceRules): BackendHarness {
  return {
    name,
    capabilities: referenceCapabilities,
    payloads: 'encoded',
    time: 'injected',
    steps: true,
    loses: true,
    create: async () => {
      const storage = referenceStorage()
      const open = () => referenceBackend({ storage, rules })
      return {
        backend: open(),
        second: async () => open(),
        reopen: async () => open(),
        lose: async () => referenceBackend({ rules }),
        cleanup: async () => {},
      }
    },
  }
}
