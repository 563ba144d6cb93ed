/** Writes what is generated in the documentation, and removes charts that are no longer drawn. */
import { globSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generatedFiles } from './generated.ts'
import { root } from './pages.ts'

const files = generatedFiles()
const wanted = new Set(files.map(({ path }) => path))
for (const chart of globSync('docs/benchmarks/*.svg', { cwd: root }))
  if (!wanted.has(chart)) rmSync(join(root, chart))
for (const { path, expected } of files) writeFileSync(join(root, path), expected)
