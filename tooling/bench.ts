// `pnpm bench SUITE`: installs the benchmark workspace when it has to, and runs the suite there.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureInstalled } from './own-workspace.ts'

const main = join(ensureInstalled('bench'), 'main.ts')
const { status } = spawnSync(process.execPath, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
process.exitCode = status ?? 1
