import { isCacheError, type ErrorCode } from '@cache/core'
import { describe, expect, it } from 'vitest'
import { sqlite, type SqliteOptions } from '../src/index.ts'

function refusal(options: unknown): { readonly code: ErrorCode; readonly message: string } {
  try {
    sqlite(options as SqliteOptions)
  } catch (error) {
    if (isCacheError(error)) return error
  }
  throw new Error('the options were taken')
}

describe('options of sqlite()', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['directory', {}],
    ['directory', { directory: '' }],
    ['directory', { directory: 7 }],
    ['directory', { directory: 'a\0b' }],
    ['durability', { directory: 'db', durability: 'strict' }],
    ['lockTimeout', { directory: 'db', lockTimeout: -1 }],
    ['lockTimeout', { directory: 'db', lockTimeout: Number.NaN }],
    ['lockTimeout', { directory: 'db', lockTimeout: Number.POSITIVE_INFINITY }],
    ['lockTimeout', { directory: 'db', lockTimeout: '5 seconds' }],
    ['vacuumInterval', { directory: 'db', vacuumInterval: 0 }],
    ['driver', { directory: 'db', driver: 'better-sqlite3' }],
    ['onOpen', { directory: 'db', onOpen: true }],
    ['dir', { dir: 'db' }],
    ['object of options', undefined],
  ]
  for (const [named, options] of cases) {
    it(`refuses ${JSON.stringify(options)} and names ${named}`, () => {
      const { code, message } = refusal(options)
      expect(['INVALID_OPTION', 'INVALID_TTL']).toContain(code)
      expect(message).toContain(named)
    })
  }

  it('takes durations as literals, and Infinity for no vacuum', () => {
    const options: SqliteOptions = {
      directory: 'db',
      durability: 'full',
      lockTimeout: '250ms',
      vacuumInterval: Number.POSITIVE_INFINITY,
    }
    expect(sqlite(options).name).toBe('sqlite')
  })
})
