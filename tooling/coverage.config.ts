import { defineConfig } from 'vitest/config'

/** `pnpm coverage [--project @cache/core]`: what the packages' tests run of their sources. */
export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    projects: ['packages/*'],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      reporter: ['text-summary', 'html', 'json-summary'],
      reportsDirectory: 'coverage',
    },
  },
})
