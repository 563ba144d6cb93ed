import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** What every package's tests have in common. */
export const sharedConfig: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: [new URL('tooling/vitest/silent-console.ts', import.meta.url).pathname],
    restoreMocks: true,
    // Two cores, often shared: what takes longer than this hangs.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
