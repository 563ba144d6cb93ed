import { mergeConfig } from 'vitest/config'

import { sharedConfig } from '../../vitest.shared.ts'

export default mergeConfig(sharedConfig, {
  test: {
    globalSetup: ['test/support/build-page.ts'],
    testTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
  },
})
