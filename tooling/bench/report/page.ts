import { markdownTable } from '../../../packages/environment/src/template.ts'
import { chartsOf, type Chart } from './charts.ts'
import { judged, type JudgedClaim } from './claims.ts'
import type { SuiteResult } from './result.ts'

/** A file of the report, from its folder. */
export interface ReportFile {
  readonly path: string
  readonly text: string
}

/** The page, its charts, and nothing else: all of it follows from the results. */
export function reportFiles(results: ReadonlyMap<string, SuiteResult>): ReportFile[] {
  const suites = [...results.values()].toSorted((left, right) => left.suite.localeCompare(right.suite))
  const sections = suites.map((result) => ({ result, charts: chartsOf(result) }))
  const page = [
    '# Benchmarks',
    '',
    'Written by `pnpm bench --report`, every number of it. How it is measured, and what each figure means, is in',
    '[the README of the suites](../../tooling/bench/README.md).',
    '',
    ...machinesOf(suites),
    '',
    '## What is claimed',
    '',
    claimTable(judged(results)),
    '',
    ...sections.flatMap(({ result, charts }) => sectionOf(result, charts)),
  ]
  const charts = sections.flatMap((section) => section.charts)
  return [
    { path: 'index.md', text: `${page.join('\n').trimEnd()}\n` },
    ...charts.map(({ file, svg }) => ({ path: file, text: svg })),
  ]
}

/** The claims of the README, as a table. */
export function headlineTable(results: ReadonlyMap<string, SuiteResult>): string {
  return claimTable(judged(results).filter(({ isHeadline }) => isHeadline))
}

function machinesOf(suites: readonly SuiteResult[]): string[] {
  const machines = Map.groupBy(suites, ({ machine, day }) => `${machine}, ${day}`)
  return [...machines].map(([machine, measured]) => {
    const names = measured.map(({ suite }) => `\`${suite}\``).join(', ')
    return machines.size === 1 ? `Measured on ${machine}.` : `- ${machine}: ${names}`
  })
}

function claimTable(claims: readonly JudgedClaim[]): string {
  const rows = claims.map(({ suite, figure, says, measured, holds, atLeast, atMost }) => {
    const bound = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`
    return [says, shown(measured), bound, holds ? '✓' : 'falls short', `\`${suite}\` \`${figure}\``]
  })
  return markdownTable(['what', 'measured', 'aim', '', 'suite and figure'], rows)
}

function shown(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)} M`
  if (Number.isInteger(value)) return String(value)
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

function sectionOf(result: SuiteResult, charts: readonly Chart[]): string[] {
  const { suite, summary, blocks, figures, failures, data, tookSeconds } = result
  const ofData = data === undefined ? '' : ` of \`${data}\``
  return [
    `## ${suite}`,
    '',
    `${summary.replace(/ \(.*\)$/, '')}${ofData}. \`pnpm bench ${suite}\` took ${tookSeconds} s.`,
    '',
    ...charts.flatMap(({ file, title }) => [`![${title}](./${file})`, '']),
    ...blocks.flatMap((block) => [block.startsWith('|') ? block : `\`\`\`text\n${block}\n\`\`\``, '']),
    ...failures.map(({ row, error }) => `- ${row} did not run: ${error}`),
    ...(failures.length > 0 ? [''] : []),
    '<details><summary>Figures</summary>',
    '',
    '```json',
    JSON.stringify(figures, undefined, 2),
    '```',
    '',
    '</details>',
    '',
  ]
}
