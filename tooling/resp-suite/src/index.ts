export { respHarness, withPrefix } from './resp-harness.ts'
