export { respHarness, withPrefix } from './resp-harness.ts'
export { testFaults, type MakeBackend } from './fault-tests.ts'
export { testTopologies } from './topology-tests.ts'
export { testBadInput } from './bad-input-tests.ts'
