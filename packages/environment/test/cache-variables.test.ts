import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cacheVariables, variablesOf } from '../src/index.ts'
import { readerOf, unitOf } from '../src/variable.ts'
import { beyondTheDocuments, documentedVariables, othersVariables } from './documented.ts'

const variables = variablesOf(cacheVariables)
const aliases = [...variables.values()].flatMap(({ alias }) => alias ?? [])
const documents = join(import.meta.dirname, '../../../../shared/sources')
const isHere = existsSync(documents)

describe('the schema of the variables', () => {
  it('has every documented variable with its documented default', () => {
    expect(documentedVariables.map(([name]) => [name, variables.get(name)?.fallback])).toEqual(
      documentedVariables,
    )
  })

  it('has no variable that is not documented, but for those that say so', () => {
    const documented = new Set(documentedVariables.map(([name]) => name))
    const others = [...variables.keys()].filter((name) => !documented.has(name))
    expect(others).toEqual(beyondTheDocuments)
  })

  it('has each name once', () => {
    const names = Object.values(cacheVariables).flatMap((group) => Object.keys(group))
    expect(new Set(names).size).toBe(names.length)
  })

  it.each([...variables])('reads the default of %s', (_name, variable) => {
    expect(() => readerOf(variable)(variable.fallback)).not.toThrow()
  })

  it('keeps seconds, hours and milliseconds in the environment and milliseconds inside', () => {
    const read = (name: string): unknown => readerOf(variables.get(name)!)(variables.get(name)!.fallback)
    expect(read('REDIS_TIMEOUT')).toBe(5000)
    expect(read('CACHE_CLEANUP_INTERVAL_HOURS')).toBe(6 * 3_600_000)
    expect(read('CACHE_SLOW_OP_THRESHOLD_MS')).toBe(50)
    expect(read('SYMBOL_CACHE_TTL')).toBe(Number.POSITIVE_INFINITY)
    const ttls = [...variables].filter(([name]) => name.endsWith('_TTL'))
    expect(new Set(ttls.map(([, variable]) => unitOf(variable)))).toEqual(new Set(['seconds']))
  })

  it.runIf(isHere)('has every variable that the source documents themselves name', () => {
    const files = ['2-openalgo-pluggable-cache-design.md', '3-tradecore-cache-guide.md']
    const text = files.map((file) => readFileSync(join(documents, file), 'utf8')).join('\n')
    const pattern = /^([A-Z][A-Z0-9]*_[A-Z0-9_]+)=|getenv\('([A-Z_]+)'/gm
    const named = Array.from(text.matchAll(pattern), ([, assigned, read]) => assigned ?? read ?? '')
    const known = new Set([...variables.keys(), ...aliases, ...othersVariables])
    expect(named.length).toBeGreaterThan(60)
    expect(named.filter((name) => !known.has(name))).toEqual([])
    expect(documentedVariables.map(([name]) => name).filter((name) => !named.includes(name))).toEqual([])
  })
})
