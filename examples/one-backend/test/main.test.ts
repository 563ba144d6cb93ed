import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'

const main = join(import.meta.dirname, '../src/main.ts')

describe('the example of one backend', () => {
  it('loads once, and anew after a deletion', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'one-backend-'))
    onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
    const { stdout } = await promisify(execFile)(process.execPath, [main], { cwd })
    expect(stdout).toBe('loading 42\nAda Ada\nloading 42\nAda\n')
  })

  it('takes no more than 20 lines', () => {
    const lines = readFileSync(main, 'utf8').trim().split('\n')
    expect(lines.length).toBeLessThanOrEqual(20)
  })
})
