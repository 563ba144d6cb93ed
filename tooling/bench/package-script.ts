import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Figures, Suite, SuiteOptions, SuiteReport } from './suite.ts'

const repository = join(import.meta.dirname, '..', '..')

export interface PackageScript {
  readonly name: string
  readonly summary: string
  /** Of the repository. */
  readonly folder: string
}

/** A suite that a package brings along: the `bench` script of its package, whose last line is as ours. */
export function packageSuite({ name, summary, folder }: PackageScript): Suite {
  return { name, summary, run: async (options) => runScript(name, join(repository, folder), options) }
}

function runScript(name: string, directory: string, { quick, data }: SuiteOptions): SuiteReport {
  const script = benchScript(directory)
  if (script === undefined) return failed(name, `${directory} has no bench script`)
  const flags = [
    '--json',
    ...(quick ? ['--quick'] : []),
    ...(data === undefined ? [] : ['--data', resolve(process.env['INIT_CWD'] ?? '.', data)]),
  ]
  const [command = '', ...words] = script.split(' ')
  const child = spawnSync(command === 'node' ? process.execPath : command, [...words, ...flags], {
    cwd: directory,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (child.status !== 0) return failed(name, `its bench script ended with ${child.status ?? child.signal}`)
  return reportOf(name, child.stdout)
}

function benchScript(directory: string): string | undefined {
  const { scripts } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>
  }
  return scripts['bench']
}

function reportOf(name: string, output: string): SuiteReport {
  const lines = output.trimEnd().split('\n')
  try {
    const { figures } = JSON.parse(lines.at(-1) ?? '') as { readonly figures: Figures }
    return { blocks: [lines.slice(0, -1).join('\n')], figures, failures: [] }
  } catch {
    return failed(name, 'the last line of its bench script is not JSON')
  }
}

function failed(name: string, error: string): SuiteReport {
  return { blocks: [], figures: {}, failures: [{ row: name, error }] }
}
