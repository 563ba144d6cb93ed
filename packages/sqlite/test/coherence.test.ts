import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Child, makeDirectory } from './fixture.ts'

const processes = 5
const kills = 4
const betweenKillsMs = 400

/** Lines of a child until it ends by itself or is killed. */
async function linesOf(child: Child): Promise<string[]> {
  const lines: string[] = []
  for (;;) {
    try {
      lines.push(await child.line())
    } catch {
      return lines
    }
  }
}

describe('five processes on one file, some of them killed in the middle of their work', () => {
  it.each([
    ['asks the file before each answer of L1', 0],
    ['answers from L1 within its bound', 200],
  ])(
    'read nothing that was acknowledged as void: one that %s',
    { timeout: 180_000 },
    async (_name, within) => {
      const directory = await makeDirectory()
      const truth = join(directory, 'truth.db')
      const begin = (): Child => new Child('coherent', join(directory, 'cache'), truth, String(within))
      const children = Array.from({ length: processes }, begin)
      for (const child of children) expect(await child.line()).toBe('ready')
      const told: Promise<string[]>[] = []
      for (let kill = 0; kill < kills; kill++) {
        await sleep(betweenKillsMs)
        const victim = children.shift()
        if (!victim) break
        told.push(linesOf(victim))
        await victim.kill()
        const next = begin()
        expect(await next.line()).toBe('ready')
        children.push(next)
      }
      for (const child of children) {
        told.push(linesOf(child))
        child.say('stop')
      }
      const lines = (await Promise.all(told)).flat()
      expect(lines.filter((line) => !line.startsWith('reads: '))).toEqual([])
      const reads = lines.map((line) => Number(line.slice('reads: '.length)))
      expect(reads).toHaveLength(processes)
      expect(reads.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(1000)
    },
  )
})
