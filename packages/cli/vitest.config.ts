import { mergeConfig } from 'vitest/config'
import { sharedConfig } from '../../vitest.shared.ts'

// Each call of the command is a process, and a test makes several.
export default mergeConfig(sharedConfig, { test: { testTimeout: 180_000, hookTimeout: 180_000 } })
