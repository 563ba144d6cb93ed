import { testBackend } from '@cache/conformance/vitest'
import { memory } from '../src/index.ts'

testBackend({
  name: 'memory',
  capabilities: { shared: 'process', persistent: false, blocking: true, transactional: true },
  payloads: 'live',
  time: 'injected',
  create: async () => ({ backend: memory(), cleanup: async () => {} }),
})
