// `pnpm mutation [PACKAGE …] [--files GLOB[:LINE-LINE] …] [--concurrency N] [--report FILE] [--json]`: mutates the sources
// of packages, in a copy of the repository, and counts the mutants that the packages' own tests catch. Ends with 1 below
// the score that is asked for.
import { spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureInstalled } from './own-workspace.ts'
import { RepositoryCopy } from './repository-copy.ts'

/** Per cent of the mutants that the tests of a package must catch. */
const wantedScore = 85

/** Test files that take as long as all others together, and that nearly every mutant would meet. */
const leftOut = ['interleavings.property', 'simulated', 'large-values']

/** The package's settings, and its test files in one environment: a run of a mutant is its tests, and not their imports. */
const vitestConfig = 'vitest.mutation.config.ts'
const unisolated = `import { mergeConfig } from 'vitest/config'
import config from './vitest.config.ts'

const exclude = ${JSON.stringify(leftOut.map((name) => `**/${name}.test.ts`))}
export default mergeConfig(config, { test: { isolate: false, exclude } })
`

interface MutationReport {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    files: { type: 'string', multiple: true, default: ['src/**/*.ts'] },
    concurrency: { type: 'string', default: '2' },
    report: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const workspace = ensureInstalled('mutation')
const figures: Record<string, number> = {}
for (const name of positionals.length > 0 ? positionals : ['core', 'crypto']) {
  figures[`${name}_score`] = scoreOf(name, values.files)
  console.log(`${name}: ${figures[`${name}_score`]} % of the mutants are caught`)
}
if (values.json) console.log(JSON.stringify({ suite: 'mutation', figures }))
if (Object.values(figures).some((score) => !(score >= wantedScore))) process.exitCode = 1

function scoreOf(name: string, files: readonly string[]): number {
  using copy = new RepositoryCopy(['docs', 'vitest.shared.ts', 'tsconfig.base.json', 'tooling/vitest'])
  const folder = join(copy.folder, 'packages', name)
  const modules = join(workspace, 'node_modules/@stryker-mutator')
  writeFileSync(join(folder, 'stryker.config.json'), JSON.stringify(settings(modules, files)))
  writeFileSync(join(folder, vitestConfig), unisolated)
  const stryker = join(modules, 'core/bin/stryker.js')
  const { status } = spawnSync(process.execPath, [stryker, 'run'], { cwd: folder, stdio: 'inherit' })
  if (status !== 0) throw new Error(`The mutation run of ${name} ended with ${status}`)
  if (values.report !== undefined) copyFileSync(join(folder, 'mutation.json'), values.report)
  return caughtPercent(JSON.parse(readFileSync(join(folder, 'mutation.json'), 'utf8')) as MutationReport)
}

function settings(modules: string, files: readonly string[]): object {
  return {
    plugins: [join(modules, 'vitest-runner/dist/src/index.js')],
    testRunner: 'vitest',
    vitest: { related: false, configFile: vitestConfig },
    // The folder is a copy already.
    inPlace: true,
    mutate: files,
    coverageAnalysis: 'perTest',
    concurrency: Number(values.concurrency),
    reporters: ['clear-text', 'progress', 'json'],
    clearTextReporter: { logTests: false, allowColor: false },
    jsonReporter: { fileName: 'mutation.json' },
  }
}

/** As Stryker counts: a mutant that the tests catch or that hangs them, of all that could run. */
function caughtPercent({ files }: MutationReport): number {
  const statuses = Object.values(files).flatMap(({ mutants }) => mutants.map(({ status }) => status))
  const caught = statuses.filter((status) => status === 'Killed' || status === 'Timeout').length
  const missed = statuses.filter((status) => status === 'Survived' || status === 'NoCoverage').length
  return Math.round((caught / (caught + missed)) * 10_000) / 100
}
