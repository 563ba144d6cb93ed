import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Figures, Suite, SuiteReport } from '../suite.ts'

const directory = join(import.meta.dirname, '..', '..', '..', 'packages', 'symbol-index')

/** The symbol index brings its own benchmark: the `bench` script of its package, whose last line is as ours. */
export const symbolsSuite: Suite = {
  name: 'symbols',
  summary: 'the symbol index beside plain JavaScript; --data FILE takes a real master',
  async run({ quick, data }) {
    const script = benchScript()
    if (script === undefined) return failed('packages/symbol-index has no bench script')
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
    if (child.status !== 0) return failed(`its bench script ended with ${child.status ?? child.signal}`)
    return reportOf(child.stdout)
  },
}

function benchScript(): string | undefined {
  const { scripts } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>
  }
  return scripts['bench']
}

function reportOf(output: string): SuiteReport {
  const lines = output.trimEnd().split('\n')
  try {
    const { figures } = JSON.parse(lines.at(-1) ?? '') as { readonly figures: Figures }
    return { blocks: [lines.slice(0, -1).join('\n')], figures, failures: [] }
  } catch {
    return failed('the last line of its bench script is not JSON')
  }
}

function failed(error: string): SuiteReport {
  return { blocks: [], figures: {}, failures: [{ row: 'symbols', error }] }
}
