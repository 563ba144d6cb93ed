import { defineConfig } from 'tsdown'

/** In stack traces. */
const keepNames = { function: true, class: true }

/**
 * One module and one file of declarations, with every comment of the sources that a user sees: what is installed has
 * a bound. The map stays out of the tarball; a build of a release's tag makes it again.
 */
export default defineConfig({
  entry: 'src/index.ts',
  platform: 'node',
  target: 'node22',
  fixedExtension: false,
  tsconfig: 'tsconfig.build.json',
  dts: { generator: 'oxc' },
  // Without it `await using` and `Caches` itself need a target or a library that not everybody has chosen.
  banner: { dts: '/// <reference lib="esnext.disposable" />' },
  minify: { compress: { keepNames }, mangle: { keepNames } },
  sourcemap: 'hidden',
  logLevel: 'error',
})
