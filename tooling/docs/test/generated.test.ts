import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generatedFiles } from '../generated.ts'
import { root } from '../pages.ts'

describe('what is generated in the documentation', () => {
  it.each(generatedFiles())('stands as the code makes it: $path', ({ path, expected }) => {
    // Where it does not: pnpm --filter @cache/tooling-docs generate
    expect(readFileSync(join(root, path), 'utf8')).toBe(expected)
  })
})
