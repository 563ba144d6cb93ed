/**
 * Packs the package in the current directory as `pnpm publish` would and checks the tarball: what it exports
 * (publint, strict), how its types resolve (attw, ESM), that it holds what a package must and nothing else, and that
 * it is no larger than it may be. Its public surface must be the accepted one, in `api/`.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { changedReports } from './api-report.ts'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
  readonly description?: string
  readonly repository?: object
  readonly keywords?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
}

/** Bytes that a package may take where it is installed, without what it depends on. */
const mostBytes: Readonly<Record<string, number>> = { '@cache/core': 150_000 }

const attw = join(import.meta.dirname, 'node_modules/.bin/attw')
const directory = mkdtempSync(join(tmpdir(), 'check-package-'))
try {
  const tarball = pack(directory)
  const faults = [
    ...(await exportFaults(tarball)),
    ...typeFaults(tarball),
    ...contentFaults(tarball),
    ...surfaceFaults(process.cwd()),
  ]
  for (const fault of faults) console.error(`✗ ${fault}`)
  process.exitCode = faults.length === 0 ? 0 : 1
} finally {
  rmSync(directory, { recursive: true, force: true })
}

function pack(into: string): string {
  execFileSync('pnpm', ['pack', '--pack-destination', into], { stdio: ['ignore', 'ignore', 'inherit'] })
  const [file] = readdirSync(into)
  if (!file) throw new Error('pnpm pack wrote no tarball')
  return join(into, file)
}

async function exportFaults(tarball: string): Promise<string[]> {
  const bytes = readFileSync(tarball)
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true })
  return messages.map(
    (message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`,
  )
}

function typeFaults(tarball: string): string[] {
  try {
    execFileSync(attw, [tarball, '--profile', 'esm-only', '--no-color', '--no-emoji', '--format', 'ascii'], {
      encoding: 'utf8',
      stdio: 'pipe',
    })
    return []
  } catch (error) {
    return [`attw: ${(error as { stdout?: string }).stdout ?? String(error)}`]
  }
}

function contentFaults(tarball: string): string[] {
  const files = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n')
  const manifestText = execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' })
  const manifest = JSON.parse(manifestText) as Manifest
  const required = ['package/README.md', 'package/LICENSE', 'package/package.json']
  const missing = required.filter((file) => !files.includes(file)).map((file) => `the tarball has no ${file}`)
  const stray = files.filter((file) => /\/(test|src|bench)\/|tsbuildinfo|\.env|\.map$/.test(file))
  return [
    ...missing,
    ...stray.map((file) => `the tarball holds ${file}`),
    ...manifestFaults(manifest),
    ...sizeFaults(tarball, manifest.name),
  ]
}

function surfaceFaults(folder: string): string[] {
  return changedReports(folder).map(
    (file) =>
      `the public surface is not the one in ${file}; \`pnpm api\` accepts it, for the change to be reviewed`,
  )
}

function sizeFaults(tarball: string, name: string): string[] {
  const limit = mostBytes[name] ?? Number.POSITIVE_INFINITY
  const options = { maxBuffer: 64 * 1024 * 1024 }
  const { length } = execFileSync('tar', ['-xzOf', tarball], options)
  return length > limit ? [`it takes ${length} bytes unpacked, and may take ${limit}`] : []
}

function manifestFaults(manifest: Manifest): string[] {
  const fields = ['license', 'description', 'repository', 'keywords'] as const
  const missing = fields
    .filter((field) => manifest[field] === undefined)
    .map((field) => `package.json has no ${field}`)
  const local = Object.entries(manifest.dependencies ?? {}).filter(([, range]) =>
    /^(workspace|catalog|link|file):/.test(range),
  )
  return [...missing, ...local.map(([name, range]) => `the dependency ${name} is published as ${range}`)]
}
