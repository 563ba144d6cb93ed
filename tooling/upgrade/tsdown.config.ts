import { defineConfig } from 'tsdown'

/** `pnpm run pin`: keeps the packages as they are now, in one file, as what later versions have to work beside. */
export default defineConfig({
  entry: 'src/library.ts',
  outDir: 'previous',
  platform: 'node',
  target: 'node22',
  fixedExtension: false,
  dts: false,
  minify: true,
  deps: { alwaysBundle: [/./], neverBundle: ['better-sqlite3', 'ioredis'], onlyBundle: false },
  logLevel: 'error',
})
