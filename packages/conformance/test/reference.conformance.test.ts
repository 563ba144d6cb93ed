import { testBackend } from '../src/vitest.ts'
import { referenceHarness } from './reference-harness.ts'

testBackend(referenceHarness('reference'))

// The same with the clocks of the machine: what no backend with a time of its own may be spared.
testBackend({ ...referenceHarness('reference in real time'), time: 'real' })
