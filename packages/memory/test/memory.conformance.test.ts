import { testBackend } from '@cache/conformance/vitest'
import { memory } from '../src/index.ts'

testBackend({
  name: 'memory',
  capabilities: { shared: 'process', persistent: false, blocking: true, transactional: true },
  payloads: 'live',
  time: 'injected',
  steps: true,
  loses: true,
  create: async () => ({ backend: memory(), lose: async () => memory(), cleanup: async () => {} }),
})
