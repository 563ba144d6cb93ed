import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { aptStanza, findAptSource } from './apt-source.ts'

const run = promisify(execFile)
const lockFile = join(tmpdir(), 'cache-servers-apt.lock')

/** On Debian, as root: what is missing can be installed. */
export function canInstall(): boolean {
  return existsSync('/etc/debian_version') && process.getuid?.() === 0
}

/**
 * Installs a package of the release or of its backports. The machine's apt configuration stays as it is: the source is
 * derived from the entry that serves the release, and used for this once. One installation at a time.
 */
export async function installPackage(name: string, suite: 'release' | 'backports'): Promise<void> {
  const release = await releaseName()
  const directory = await mkdtemp(join(tmpdir(), 'cache-servers-apt-'))
  try {
    const options = await aptOptions(directory, release)
    const wanted = suite === 'backports' ? `${release}-backports` : release
    await apt([...options, 'update'])
    await apt([...options, 'install', '-y', '--no-install-recommends', '-t', wanted, name])
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function releaseName(): Promise<string> {
  const match = /^VERSION_CODENAME=(\w+)/m.exec(await readFile('/etc/os-release', 'utf8'))
  if (match?.[1] === undefined) throw new Error('/etc/os-release names no release of Debian')
  return match[1]
}

/** Makes apt see the release and its backports, and nothing else. */
async function aptOptions(directory: string, release: string): Promise<readonly string[]> {
  const source = findAptSource(await aptFiles(), release)
  if (!source) throw new Error(`No entry in /etc/apt serves ${release}, so there is nowhere to install from`)
  const parts = join(directory, 'sources')
  await mkdir(parts)
  await writeFile(join(parts, 'cache.sources'), aptStanza(source, [release, `${release}-backports`]))
  const settings = [
    `Dir::Etc::SourceList=${join(directory, 'none')}`,
    `Dir::Etc::SourceParts=${parts}`,
    'APT::Get::List-Cleanup=0',
    'DPkg::Lock::Timeout=300',
  ]
  return ['-qq', ...settings.flatMap((setting) => ['-o', setting])]
}

async function aptFiles(): Promise<{ readonly name: string; readonly text: string }[]> {
  const directory = '/etc/apt/sources.list.d'
  const names = existsSync(directory) ? (await readdir(directory)).map((name) => join(directory, name)) : []
  const paths = ['/etc/apt/sources.list', ...names].filter((path) => /\.(list|sources)$/.test(path))
  const present = paths.filter((path) => existsSync(path))
  return Promise.all(present.map(async (name) => ({ name, text: await readFile(name, 'utf8') })))
}

/** `flock` keeps two test runs from running apt at the same time. */
async function apt(args: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run('flock', [lockFile, 'apt-get', ...args], { env, timeout: 600_000 })
}
