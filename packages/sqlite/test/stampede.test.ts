import { describe, expect, it } from 'vitest'
import { Child, makeDirectory } from './fixture.ts'

const processes = 8
const callers = 1000

interface Told {
  readonly loads: number
  readonly right: number
}

/** The last line of a child. */
async function outcomeOf(child: Child): Promise<Told> {
  for (;;) {
    const line = await child.line()
    if (line.startsWith('{')) return JSON.parse(line) as Told
  }
}

async function started(directory: string, count: number, ...settings: string[]): Promise<Child[]> {
  const children = Array.from({ length: count }, () => new Child('stampede', directory, ...settings))
  for (const child of children) expect(await child.line()).toBe('ready')
  return children
}

describe('a cold key that many callers of many processes ask for at once', () => {
  it('is loaded once', { timeout: 120_000 }, async () => {
    const directory = await makeDirectory()
    const children = await started(directory, processes, String(callers))
    for (const child of children) child.say('go')
    const told = await Promise.all(children.map(outcomeOf))
    expect(told.reduce((sum, { loads }) => sum + loads, 0)).toBe(1)
    expect(told.every(({ right }) => right === callers)).toBe(true)
  })

  it('is loaded once more when its loader is killed', { timeout: 120_000 }, async () => {
    const directory = await makeDirectory()
    const [victim] = await started(directory, 1, '1', '600000', '1000')
    const children = await started(directory, 3, String(callers), '50', '1000')
    victim?.say('go')
    expect(await victim?.line()).toBe('loading')
    for (const child of children) child.say('go')
    await victim?.kill()
    const told = await Promise.all(children.map(outcomeOf))
    expect(told.reduce((sum, { loads }) => sum + loads, 0)).toBe(1)
    expect(told.every(({ right }) => right === callers)).toBe(true)
  })
})
