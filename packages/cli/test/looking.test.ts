import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { auditLog } from '@cache/audit'
import { encryption } from '@cache/crypto'
import { describe, expect, it } from 'vitest'
import { directory, fillQuotes, run, runAndLeave, withSqlite } from './support.ts'

async function project(entries = 12): Promise<string> {
  const cwd = directory()
  await withSqlite(join(cwd, 'db/cache'), (caches) => fillQuotes(caches, entries))
  return cwd
}

describe('help and mistakes', () => {
  it('lists the commands, the places and the exit codes', async () => {
    const { code, out } = await run(directory(), ['--help'])
    expect(code).toBe(0)
    for (const word of ['doctor', 'stats', 'migrate', 'rotate-keys', 'symbols', 'sqlite:DIR', 'Exit codes'])
      expect(out).toContain(word)
    expect((await run(directory(), ['migrate', '--help'])).out).toContain('memory:FILE')
    expect((await run(directory(), ['--version'])).out).toMatch(/^\d+\.\d+\.\d+/)
  })

  it.each([
    [['gett', 'x', 'y'], 'Did you mean get?'],
    [['stats', '--intervall', '2'], '(Did you mean --interval?)'],
    [['stats', '--interval', 'x'], 'It must be a number above 0'],
    [['keys', 'a', '--limit', '0'], 'It must be a whole number from 1'],
    [['get', 'a'], 'missing required argument'],
    [['invalidate'], 'Name a cache and a key, or --tag TAG'],
    [['invalidate', 'a', 'b', '--tag', 't'], 'Name a key or tags, not both'],
    [['clear'], 'Name a cache, or --all'],
    [['migrate', 'sqlite:a', 'sqlite:a'], 'are the same place'],
    [['stats', '--backend', 'mongo:x'], "'mongo:x' is no backend"],
    [['stats', '--settings', 'none.env'], "none.env can't be read"],
  ])('says what is wrong with %j, and ends with 2', async (args, message) => {
    const { code, errors, out } = await run(directory(), args)
    expect(errors).toContain(message)
    expect([code, out]).toEqual([2, ''])
  })

  it('tells every fault of the settings at once', async () => {
    const variables = { REDIS_PORT: 'x', CACHE_BACKNED: 'redis' }
    const { code, errors } = await run(directory(), ['stats'], variables)
    expect(code).toBe(2)
    expect(errors).toContain("REDIS_PORT is 'x', but must be a whole number")
    expect(errors).toContain('did you mean CACHE_BACKEND?')
  })

  it('ends with 3 when the server cannot be reached, and never shows a password', async () => {
    const place = 'redis://ann:hunter2@127.0.0.1:1/0'
    const { code, errors } = await run(directory(), ['stats', '--backend', place])
    expect(code).toBe(3)
    expect(errors).not.toContain('hunter2')
  })
})

describe('looking into caches', () => {
  it('shows figures once in a pipe, as text and as JSON', async () => {
    const cwd = await project()
    const { out, code } = await run(cwd, ['stats'])
    expect(code).toBe(0)
    expect(out).toMatch(/market:quote +1 +12/)
    expect(out).not.toContain('\u001b')
    const json = JSON.parse((await run(cwd, ['stats', '--json'])).out) as { caches: object[] }
    expect(json.caches).toEqual([{ cache: 'market:quote', version: 1, entries: 12 }])
  })

  it('shows an entry with its facts', async () => {
    const cwd = await project()
    const { out } = await run(cwd, ['get', 'market:quote', 'NSE', 'S7', '--meta'])
    expect(out).toContain('"last": 7')
    expect(out).toMatch(/fresh for 5\d min/)
    expect(out).toContain('tags exchange:NSE')
    const json = await run(cwd, ['get', 'market:quote', 'NSE', 'S7', '--json'])
    expect(JSON.parse(json.out)).toMatchObject({ kind: 'value', value: { last: 7 }, tags: ['exchange:NSE'] })
  })

  it('ends with 1 when there is no such entry or cache, and names the caches', async () => {
    const cwd = await project()
    expect((await run(cwd, ['get', 'market:quote', 'NSE', 'none'])).code).toBe(1)
    const { code, errors } = await run(cwd, ['get', 'market:quotes', 'a'])
    expect(code).toBe(1)
    expect(errors).toContain('it has market:quote')
  })

  it('lists keys by pattern and tag, as many as are wanted', async () => {
    const cwd = await project()
    expect((await run(cwd, ['keys', 'market:quote', 'NSE:S1*'])).out).toBe('NSE:S1\nNSE:S10\nNSE:S11\n')
    const limited = await run(cwd, ['keys', 'market:quote', '--tag', 'exchange:NSE', '--limit', '2'])
    expect(limited.out.trim().split('\n')).toHaveLength(2)
    expect(limited.errors).toContain('--limit shows more')
    expect((await run(cwd, ['keys', 'market:quote', '--tag', 'none'])).out).toBe('')
  })

  it('ends well when its reader has seen enough', async () => {
    expect(await runAndLeave(await project(2000), ['keys', 'market:quote', '--limit', '100000'])).toBe(0)
  })

  it('takes a key that begins like an option after --, and says so', async () => {
    const cwd = directory()
    await withSqlite(join(cwd, 'dashed'), async (caches) => {
      await caches.define<number>('market:quote').set('-M4', 5)
    })
    const place = ['--backend', 'sqlite:dashed']
    const refused = await run(cwd, ['get', 'market:quote', '-M4', ...place])
    expect(refused.code).toBe(2)
    expect(refused.errors).toContain('stands after --')
    expect((await run(cwd, ['get', 'market:quote', ...place, '--', '-M4'])).out.trim()).toBe('5')
    expect((await run(cwd, ['invalidate', 'market:quote', ...place, '--', '-M4'])).out).toContain(
      'Invalidated',
    )
  })

  it('never shows what is secret', async () => {
    const cwd = directory()
    const protection = encryption({ keyFile: join(cwd, 'key') })
    const fill = async (path: string, sealed: boolean): Promise<void> =>
      withSqlite(
        path,
        async (caches) => {
          for (const name of ['auth', 'broker:credentials', 'blobs']) {
            const cache = caches.define<unknown>(name, { sensitive: sealed && name !== 'blobs', ttl: '1h' })
            await cache.set(
              'ann',
              name === 'blobs' ? new TextEncoder().encode('hunter2') : { password: 'hunter2' },
            )
          }
        },
        { ...(sealed ? { protection } : {}), sensitiveCaches: [] },
      )
    await fill(join(cwd, 'sealed'), true)
    await fill(join(cwd, 'open'), false)
    for (const [place, cache] of [
      ['sealed', 'auth'],
      ['sealed', 'broker:credentials'],
      ['sealed', 'blobs'],
      ['open', 'auth'],
    ] as const) {
      const listed = await run(cwd, ['keys', cache, '--backend', `sqlite:${place}`])
      const key = listed.out.trim()
      const shown = await run(cwd, ['get', cache, '--meta', '--backend', `sqlite:${place}`, '--', key])
      expect(shown.code).toBe(0)
      expect(shown.out).toContain('not shown')
      expect(shown.out + shown.errors + listed.out).not.toContain('hunter2')
    }
  })
})

describe('changing caches', () => {
  it('invalidates an entry, and what carries a tag', async () => {
    const cwd = await project()
    expect((await run(cwd, ['invalidate', 'market:quote', 'NSE', 'S1'])).out).toContain('Invalidated')
    expect((await run(cwd, ['invalidate', 'market:quote', 'NSE', 'S1'])).out).toContain('no such entry')
    await withSqlite(join(cwd, 'db/cache'), async (caches) => {
      const quotes = caches.define<{ last: number }>('market:quote')
      expect([await quotes.get(['NSE', 'S1']), await quotes.get(['NSE', 'S2'])]).toEqual([
        undefined,
        { last: 2 },
      ])
    })
    const { out } = await run(cwd, ['invalidate', '--tag', 'exchange:NSE', '--json'])
    expect(JSON.parse(out)).toEqual({ caches: ['market:quote'], tags: ['exchange:NSE'] })
    await withSqlite(join(cwd, 'db/cache'), async (caches) => {
      expect(await caches.define('market:quote').get(['NSE', 'S2'])).toBeUndefined()
    })
  })

  it('clears only when that is said', async () => {
    const cwd = await project()
    const asked = await run(cwd, ['clear', 'market:quote'])
    expect(asked.code).toBe(2)
    expect(asked.errors).toContain('Say so with --yes')
    expect((await run(cwd, ['clear', 'market:quote', '--yes'])).out).toContain('12 entries')
    expect((await run(cwd, ['keys', 'market:quote'])).out).toBe('')
    expect((await run(cwd, ['clear', '--all', '--yes', '--json'])).code).toBe(0)
  })

  it('clears what is no cache only by its name', async () => {
    const cwd = await project()
    const path = join(cwd, 'db/cache')
    await withSqlite(path, async (caches) => {
      await caches.defineState('sessions').set('a', 1, { tags: ['user:1'] })
    })
    await run(cwd, ['clear', '--all', '--yes'])
    await run(cwd, ['invalidate', '--tag', 'user:1'])
    await withSqlite(path, async (caches) => {
      expect(await caches.defineState('sessions').get('a')).toBe(1)
    })
    await run(cwd, ['clear', 'state:sessions', '--yes'])
    await withSqlite(path, async (caches) => {
      expect(await caches.defineState('sessions').get('a')).toBeUndefined()
    })
  })
})

describe('doctor', () => {
  it('finds nothing where all is well', async () => {
    const cwd = await project()
    const { code, out } = await run(cwd, ['doctor'])
    expect(code).toBe(0)
    expect(out).toContain('✓ backend')
    expect(out).toContain('an entry was written, read and deleted')
    expect(out).toContain('Nothing is broken.')
    expect(JSON.parse((await run(cwd, ['doctor', '--json'])).out)).toMatchObject({ healthy: true, faults: 0 })
  })

  it('finds faults of the settings, open files, and a server that is away, each with its mend', async () => {
    const cwd = await project()
    const settings = await run(cwd, ['doctor'], { REDIS_PORT: 'x' })
    expect([settings.code, settings.out.includes('must be a whole number')]).toEqual([1, true])
    chmodSync(join(cwd, 'db/cache'), 0o755)
    const open = await run(cwd, ['doctor'])
    expect([open.code, open.out.includes('run: chmod 700 db/cache')]).toEqual([1, true])
    const away = await run(cwd, ['doctor', '--backend', 'redis://127.0.0.1:1/0'])
    expect([away.code, away.out.includes('✗ backend')]).toEqual([1, true])
  })

  it('warns of what is switched off', async () => {
    const variables = {
      CACHE_BYPASS_CACHE: 'true',
      CACHE_FAKE_MISS_RATE: '0.5',
      CACHE_ENCRYPTION_ENABLED: 'false',
    }
    const { code, out } = await run(await project(), ['doctor'], variables)
    expect(code).toBe(0)
    expect(out).toContain('every read is a miss')
    expect(out).toContain('50 % of the reads')
    expect(out).toContain('encryption')
  })

  it('warns of an address that the caches do not read', async () => {
    const { code, out } = await run(await project(), ['doctor'], { REDIS_URL: 'redis://127.0.0.1:1' })
    expect(code).toBe(0)
    expect(out).toContain('REDIS_URL is not read; set REDIS_HOST, REDIS_PORT and REDIS_DB')
    const cwd = await project()
    appendFileSync(join(cwd, '.env'), '\nVALKEY_URL=redis://127.0.0.1:1\n')
    expect((await run(cwd, ['doctor'])).out).toContain('VALKEY_URL is not read')
  })

  it('reads .env, where an application may have settings of its own', async () => {
    const cwd = directory()
    writeFileSync(join(cwd, '.env'), 'CACHE_BACKEND=memory\nPORT=1\n')
    expect((await run(cwd, ['doctor'])).out).toContain('memory: CACHE_BACKEND is memory')
    writeFileSync(join(cwd, '.env'), 'CACHE_BACKEND=memry\n')
    expect((await run(cwd, ['doctor'])).out).toContain('did you mean memory?')
  })
})

describe('other commands', () => {
  it('print a template of the variables', async () => {
    expect((await run(directory(), ['env'])).out).toContain('# REDIS_TIMEOUT=5\n')
  })

  it('verify an audit, and find what was changed', async () => {
    const cwd = directory()
    const file = join(cwd, 'db/cache_audit.log')
    const protection = encryption({ keyFile: join(cwd, 'key') })
    const security = { audit: auditLog({ file, checkpoints: { file: join(cwd, 'points') } }) }
    await withSqlite(
      join(cwd, 'db/cache'),
      async (caches) => {
        const tokens = caches.define<string>('auth', { ttl: '1h' })
        await tokens.set('ann', 'secret')
        await tokens.delete('ann')
      },
      { protection, security },
    )
    const whole = await run(cwd, ['audit', 'verify', '--checkpoints', 'points'])
    expect(whole.errors + whole.out).toContain('are genuine')
    expect(whole.code).toBe(0)
    writeFileSync(file, readFileSync(file, 'utf8').replace('"delete"', '"get"'))
    const changed = await run(cwd, ['audit', 'verify', '--json'])
    expect([changed.code, JSON.parse(changed.out)]).toMatchObject([
      1,
      { ok: false, fault: { kind: 'altered' } },
    ])
    const none = await run(cwd, ['audit', 'verify', 'none.log'])
    expect([none.code, none.errors.includes("none.log can't be verified")]).toEqual([1, true])
  })

  it('measure a backend and leave nothing behind', async () => {
    const cwd = directory()
    const { out, code } = await run(cwd, ['bench', '--entries', '50', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ backend: 'sqlite', measured: { length: 5 } })
    expect((await run(cwd, ['keys', 'cache-bench'])).out).toBe('')
  })

  it('read, search and compare instrument masters', async () => {
    const cwd = directory()
    mkdirSync(join(cwd, 'm'))
    const master = (names: readonly string[]): string =>
      JSON.stringify(
        names.map((name, index) => ({
          token: String(1000 + index),
          symbol: `${name}-EQ`,
          name,
          expiry: '',
          strike: '-1.000000',
          lotsize: '1',
          instrumenttype: '',
          exch_seg: 'NSE',
          tick_size: '5.000000',
        })),
      )
    writeFileSync(join(cwd, 'm/a.json'), master(['INFY', 'TCS']))
    writeFileSync(join(cwd, 'm/b.json'), master(['INFY', 'WIPRO']))
    const imported = await run(cwd, ['symbols', 'import', 'm/a.json', '--output', 'a.snapshot'])
    expect(imported.out).toContain('2 of 2 rows of angel-json were kept.')
    const found = await run(cwd, ['symbols', 'search', 'a.snapshot', 'infy'])
    expect([found.code, found.out.includes('INFY')]).toEqual([0, true])
    expect((await run(cwd, ['symbols', 'search', 'm/a.json', 'nothing-at-all'])).code).toBe(1)
    const difference = await run(cwd, ['symbols', 'diff', 'a.snapshot', 'm/b.json', '--json'])
    expect(JSON.parse(difference.out)).toMatchObject({ renamed: { total: 1 } })
    expect((await run(cwd, ['symbols', 'diff', 'm/a.json', 'm/b.json'])).out).toContain('TCS is now WIPRO')
    expect((await run(cwd, ['symbols', 'import', 'none.json'])).code).toBe(1)
  })
})
