// `node tooling/own-workspace.ts NAME`: installs a workspace of `tooling` that the repository's install leaves out.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Installs a folder of `tooling` with a lockfile of its own, unless that is what is there. Such a folder holds what
 * is heavy and needed by one command only, so that nobody else downloads it. Ends the process when it cannot.
 */
export function ensureInstalled(name: string): string {
  const folder = join(import.meta.dirname, name)
  if (!isInstalled(folder)) install(folder, name)
  return folder
}

/** pnpm leaves a copy of the lockfile that it installed. */
function isInstalled(folder: string): boolean {
  const wanted = readFileSync(join(folder, 'pnpm-lock.yaml'), 'utf8')
  try {
    return readFileSync(join(folder, 'node_modules', '.pnpm', 'lock.yaml'), 'utf8') === wanted
  } catch {
    return false
  }
}

function install(folder: string, name: string): void {
  process.stderr.write(`Installing what tooling/${name} needs…\n`)
  const pnpm = process.env['npm_execpath'] ?? 'pnpm'
  const installArguments = ['install', '--frozen-lockfile', '--silent', '--dir', folder]
  const { status, stdout, stderr, error } = spawnSync(pnpm, installArguments, { encoding: 'utf8' })
  if (status === 0) return
  process.stderr.write(`${error?.message ?? `${stdout}${stderr}`}\nIt could not be installed.\n`)
  process.exit(1)
}

if (import.meta.main) ensureInstalled(process.argv[2] ?? '')
