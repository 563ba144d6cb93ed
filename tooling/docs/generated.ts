import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheVariables, envTemplate, variableTables } from '@cache/environment'
import { oauthTable, ttlTable } from '@cache/trading'
import { headlineTable, reportFiles } from '../bench/report/page.ts'
import { readResults } from '../bench/report/result.ts'
import { metricTable } from './metric-table.ts'
import { cacheOptionTable, cachesOptionTable } from './option-table.ts'
import { root } from './pages.ts'

/** A file of which all or a part is made from code. */
export interface GeneratedFile {
  /** From the root. */
  readonly path: string
  readonly expected: string
}

const beginning = /<!-- generated: ([\w-]+) -->\n/g
const end = '<!-- end of what is generated -->'

/** What stands between the marks of a page, by its name. */
const parts: Readonly<Record<string, () => string>> = {
  variables: () => variableTables(cacheVariables),
  'caches-options': cachesOptionTable,
  'cache-options': cacheOptionTable,
  'trading-ttls': ttlTable,
  metrics: metricTable,
  'oauth-ttls': oauthTable,
  figures: () => headlineTable(readResults()),
}

/** The pages that hold generated parts. */
const pagesWithParts = [
  'README.md',
  'docs/configuration.md',
  'packages/trading/README.md',
  'packages/metrics/README.md',
]

/** Every generated file with the text that it must have; `pnpm --filter @cache/tooling-docs generate` writes them. */
export function generatedFiles(): GeneratedFile[] {
  const template = envTemplate(
    cacheVariables,
    'The variables of the caches. Copy to .env and uncomment what should differ from its default.',
  )
  return [
    { path: 'docs/cache.env.example', expected: template },
    ...reportFiles(readResults()).map(({ path, text }) => ({
      path: `docs/benchmarks/${path}`,
      expected: text,
    })),
    ...pagesWithParts.map((path) => ({ path, expected: withParts(readFileSync(join(root, path), 'utf8')) })),
  ]
}

function withParts(text: string): string {
  let result = ''
  let position = 0
  for (const mark of text.matchAll(beginning)) {
    const name = mark[1] ?? ''
    const make = parts[name]
    const after = text.indexOf(end, mark.index)
    if (make === undefined || after === -1) throw new Error(`The part '${name}' is unknown or has no end`)
    result += `${text.slice(position, mark.index)}${mark[0]}\n${make()}\n\n`
    position = after
  }
  return result + text.slice(position)
}
