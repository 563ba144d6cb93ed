import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CacheError, errorCodes, isCacheError } from '../src/index.ts'

describe('the error catalogue', () => {
  it('and docs/errors.md name the same codes', () => {
    const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
    const documented = Array.from(page.matchAll(/^## (\w+)$/gm), ([, code]) => code)
    expect(documented).toEqual(Object.keys(errorCodes))
  })
})

describe('isCacheError', () => {
  it('tells codes apart', () => {
    const error = new CacheError('CLOSED', 'closed')
    expect(isCacheError(error)).toBe(true)
    expect(isCacheError(error, 'CLOSED')).toBe(true)
    expect(isCacheError(error, 'ABORTED')).toBe(false)
    expect(isCacheError(new RangeError('x'))).toBe(false)
    expect(isCacheError('CLOSED')).toBe(false)
  })

  it('knows the error of another copy of the package', () => {
    const foreign = Object.assign(new Error('closed'), { name: 'CacheError', code: 'CLOSED' })
    expect(isCacheError(foreign, 'CLOSED')).toBe(true)
  })
})
