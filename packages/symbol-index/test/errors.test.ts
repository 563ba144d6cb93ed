import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

function codesIn(file: string, pattern: RegExp): string[] {
  const text = readFileSync(join(import.meta.dirname, '..', file), 'utf8')
  return Array.from(text.matchAll(pattern), ([, code]) => code ?? '').sort()
}

describe('the error codes', () => {
  const codes = codesIn('src/errors.ts', /^ {2}\| '([A-Z_]+)'$/gm)

  it('are each explained where they are defined', () => {
    expect(codesIn('src/errors.ts', /^ \* - `([A-Z_]+)`:/gm)).toEqual(codes)
  })

  it('are each in the README, and no others', () => {
    expect(codesIn('README.md', /^\| `([A-Z_]+)` /gm)).toEqual(codes)
  })
})
