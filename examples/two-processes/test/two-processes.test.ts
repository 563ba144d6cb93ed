import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'

const program = join(import.meta.dirname, '../src/process.ts')

type Say = (line: string) => Promise<string>

/** A process of the example, in a directory; says a line and resolves with the answer. */
async function start(cwd: string): Promise<Say> {
  const child = spawn(process.execPath, [program], { cwd, stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(async () => {
    if (child.exitCode !== null) return
    child.stdin.end()
    await once(child, 'exit')
    expect(child.exitCode).toBe(0)
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<string> => String((await lines.next()).value)
  expect(await next()).toBe('ready')
  return (line) => {
    child.stdin.write(`${line}\n`)
    return next()
  }
}

describe('the example of two processes', () => {
  it('drops from the memory of one what the other changes', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'two-processes-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    const [one, other] = [await start(directory), await start(directory)]

    expect(await one('set INFY 1520')).toBe('true')
    expect(await other('get INFY')).toBe('1520')
    expect(await other('peek INFY')).toBe('1520')
    expect(await one('set INFY 1530')).toBe('true')
    await expect.poll(() => other('peek INFY'), { timeout: 20_000 }).toBe('undefined')
    expect(await other('get INFY')).toBe('1530')
    expect(await other('delete INFY')).toBe('true')
    await expect.poll(() => one('get INFY'), { timeout: 20_000 }).toBe('undefined')
  })
})
