// `pnpm bench SUITE`: installs the benchmark workspace when it has to, and runs the suite there. With `--report` the pages that
// tell of the results are written anew.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureInstalled } from './own-workspace.ts'

const main = join(ensureInstalled('bench'), 'main.ts')
const { status } = spawnSync(process.execPath, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
if (process.argv.includes('--report')) await import('./docs/generate.ts')
process.exitCode = status ?? 1
