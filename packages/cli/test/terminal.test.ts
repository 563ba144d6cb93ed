import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { directory, fillQuotes, run, TerminalSession, withSqlite } from './support.ts'

async function project(): Promise<string> {
  const cwd = directory()
  await withSqlite(join(cwd, 'db/cache'), (caches) => fillQuotes(caches, 12))
  return cwd
}

describe('on a terminal', () => {
  it('stats is live until Ctrl-C', async () => {
    const cwd = await project()
    const session = new TerminalSession(cwd, ['stats', '--interval', '0.2'])
    await session.shows(/market:quote +1 +12 +0/)
    await withSqlite(join(cwd, 'db/cache'), async (caches) => {
      await caches.define('orders').set('one', 1)
    })
    await session.shows(/orders +1 +1/)
    session.type('\u0003')
    expect(await session.ended).toBe(0)
  })

  it('stats can be had once', async () => {
    const session = new TerminalSession(await project(), ['stats', '--once'])
    expect(await session.ended).toBe(0)
    expect(session.text).toMatch(/market:quote +1 +12/)
  })

  it('clear asks, and takes no for an answer', async () => {
    const cwd = await project()
    const no = new TerminalSession(cwd, ['clear', 'market:quote'])
    await no.shows(/with 12 entries\? \[y\/N\]/)
    no.type('\r')
    expect(await no.ended).toBe(1)
    expect(no.text).toContain('Nothing was cleared')
    const yes = new TerminalSession(cwd, ['clear', 'market:quote'])
    await yes.shows(/\[y\/N\]/)
    yes.type('y\r')
    expect(await yes.ended).toBe(0)
    expect((await run(cwd, ['keys', 'market:quote'])).out).toBe('')
  })

  it('has colours, unless NO_COLOR is set', async () => {
    const cwd = await project()
    const coloured = new TerminalSession(cwd, ['doctor'])
    await coloured.ended
    expect(coloured.text).toContain('\u001b[32m✓')
    const plain = new TerminalSession(cwd, ['doctor'], { NO_COLOR: '1' })
    await plain.ended
    expect(plain.text).toContain('✓')
    expect(plain.text).not.toContain('\u001b[32m')
  })

  it('prints plain JSON where that is asked for', async () => {
    const session = new TerminalSession(await project(), ['stats', '--json'])
    expect(await session.ended).toBe(0)
    expect(JSON.parse(session.text)).toMatchObject({ backend: 'sqlite' })
  })
})
