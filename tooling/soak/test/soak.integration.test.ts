import { execFile } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { heapSlope } from '../src/heap-slope.ts'

const program = join(import.meta.dirname, '../bin/soak.ts')

describe('caches in use for long', () => {
  it.each([
    { backend: 'memory', rounds: 600 },
    { backend: 'sqlite', rounds: 240 },
    { backend: 'redis', rounds: 240 },
  ])(
    'keep nothing of what they did, and leave nothing open, on $backend',
    async ({ backend, rounds }) => {
      const flags = ['--expose-gc', program, '--rounds', String(rounds), '--backend', backend, '--json']
      const { stdout } = await promisify(execFile)(process.execPath, flags)
      const { bytesPerRound, left } = JSON.parse(stdout) as { bytesPerRound: number; left: string[] }
      expect(left).toEqual([])
      expect(bytesPerRound).toBeLessThan(5000)
    },
    180_000,
  )

  it('would be seen to keep what they did', () => {
    const samples = Array.from({ length: 20 }, (_, round) => {
      return { round, bytes: 5_000_000 + round * 4000 + (round % 3) * 20_000 }
    })
    expect(heapSlope(samples)).toBeGreaterThan(2000)
    expect(
      heapSlope(samples.map(({ round }) => ({ round, bytes: 5_000_000 + (round % 5) * 1000 }))),
    ).toBeLessThan(500)
  })
})
