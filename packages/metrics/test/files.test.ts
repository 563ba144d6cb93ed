import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { definitions } from '../src/index.ts'

const directory = join(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(directory, path), 'utf8')

interface Dashboard {
  readonly templating: { readonly list: readonly { readonly query: string }[] }
  readonly panels: readonly {
    readonly title: string
    readonly targets: readonly { readonly expr: string }[]
  }[]
}

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string
      readonly expr: string
      readonly annotations: Readonly<Record<string, string>>
    }[]
  }[]
}

const dashboard = JSON.parse(read('grafana/cache-dashboard.json')) as Dashboard
const rules = (parse(read('prometheus/cache-alerts.yml')) as Rules).groups.flatMap((group) => group.rules)
const expressions = [
  ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ...dashboard.templating.list.map(({ query }) => query).filter((query) => query.includes('(')),
  ...rules.map(({ expr }) => expr),
]

const exposed = new Map(
  definitions.flatMap(({ name, kind, labels }) =>
    kind === 'histogram'
      ? ['_bucket', '_sum', '_count'].map((suffix) => [name + suffix, [...labels, 'le']] as const)
      : [[name, labels] as const],
  ),
)
/** What Prometheus itself adds. */
const alwaysThere = ['instance', 'job']

describe('the dashboard and the alerts', () => {
  it.each(expressions)('name metrics that exist, with labels that they have: %s', (expr) => {
    const names = expr.match(/\bcache_\w+/g) ?? []
    expect(names.length).toBeGreaterThan(0)
    expect(names.filter((name) => !exposed.has(name))).toEqual([])
    const selected = Array.from(expr.matchAll(/(cache_\w+)\{([^}]*)\}/g), ([, name = '', selectors = '']) =>
      Array.from(selectors.matchAll(/(\w+)(?:=~|!=|!~|=)"/g), ([, label = '']) => ({ name, label })),
    ).flat()
    const grouped = Array.from(expr.matchAll(/by \(([^)]*)\)/g), ([, list = '']) => list.split(/,\s*/)).flat()
    const known = new Set([...names.flatMap((name) => exposed.get(name) ?? []), ...alwaysThere])
    expect(grouped.filter((label) => !known.has(label))).toEqual([])
    const strange = selected.filter(
      ({ name, label }) => ![...(exposed.get(name) ?? []), ...alwaysThere].includes(label),
    )
    expect(strange).toEqual([])
  })

  it('balance their brackets', () => {
    for (const expr of expressions)
      expect([expr.split('(').length, expr.split('{').length]).toEqual([
        expr.split(')').length,
        expr.split('}').length,
      ])
  })

  it('say what to do', () => {
    expect(rules.length).toBeGreaterThanOrEqual(6)
    for (const { annotations } of rules) expect(annotations).toHaveProperty('description')
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
  })
})

describe('the definitions', () => {
  it('have names that Prometheus takes, each once, counters with _total', () => {
    const names = definitions.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names.filter((name) => !/^cache_[a-z0-9_]+$/.test(name))).toEqual([])
    const counters = definitions.filter(({ kind }) => kind === 'counter')
    expect(counters.filter(({ name }) => !name.endsWith('_total'))).toEqual([])
  })

  it('have the names that the design document gives', () => {
    for (const name of ['cache_hit_rate', 'cache_latency_ms', 'cache_size_entries'])
      expect(exposed.has(name)).toBe(true)
  })
})
