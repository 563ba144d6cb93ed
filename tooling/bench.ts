// `pnpm bench SUITE`: installs the benchmark workspace when it has to, and runs the suite there.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const workspace = join(import.meta.dirname, 'bench')

if (!isInstalled()) install()
run(process.execPath, [join(workspace, 'main.ts'), ...process.argv.slice(2)])

/** pnpm leaves a copy of the lockfile that it installed. */
function isInstalled(): boolean {
  const wanted = readFileSync(join(workspace, 'pnpm-lock.yaml'), 'utf8')
  try {
    return readFileSync(join(workspace, 'node_modules', '.pnpm', 'lock.yaml'), 'utf8') === wanted
  } catch {
    return false
  }
}

function install(): void {
  process.stderr.write('Installing the benchmark peers…\n')
  const pnpm = process.env['npm_execpath'] ?? 'pnpm'
  const installArguments = ['install', '--frozen-lockfile', '--silent', '--dir', workspace]
  const { status, stdout, stderr } = spawnSync(pnpm, installArguments, { encoding: 'utf8' })
  if (status === 0) return
  process.stderr.write(`${stdout}${stderr}\nThe benchmark peers could not be installed.\n`)
  process.exit(1)
}

function run(command: string, commandArguments: readonly string[]): void {
  const { status } = spawnSync(command, commandArguments, { stdio: 'inherit' })
  process.exitCode = status ?? 1
}
