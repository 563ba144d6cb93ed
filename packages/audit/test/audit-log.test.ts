import { appendFile, mkdir, readFile, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { asCaller, createCaches, onCacheEvent } from '@cache/core'
import { memory } from '@cache/memory'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { auditLog, verifyAudit, type AuditOptions, type Checkpoint } from '../src/index.ts'
import { makeDirectory, openAudited, recordsOf } from './support.ts'

const day = 86_400_000

describe('a record', () => {
  it('says who did what with which entry, when, and how it ended', async () => {
    const { caches, file, clock } = await openAudited(await makeDirectory(), { instance: 'instance-7' })
    const settings = caches.define<number>('settings')
    await asCaller('orders', () => settings.set('mode', 1))
    await asCaller('orders', () => settings.get('mode'))
    await settings.get('none')
    await settings.getOrLoad('mode', () => 2)
    await settings.getOrLoad('new', () => 2)
    await settings.delete('mode')
    const time = new Date(clock.wallMs()).toISOString()
    const common = { time, cache: 'settings', outcome: 'done', instance: 'instance-7' }
    expect(await recordsOf(file)).toMatchObject([
      { seq: 0, operation: 'open', prev: '' },
      { seq: 1, ...common, operation: 'set', caller: 'orders' },
      { seq: 2, ...common, operation: 'get', caller: 'orders', hit: true },
      { seq: 3, ...common, operation: 'get', hit: false },
      { seq: 4, ...common, operation: 'load', hit: true },
      { seq: 5, ...common, operation: 'load', hit: false },
      { seq: 6, ...common, operation: 'delete', outcome: 'begun' },
      { seq: 7, ...common, operation: 'delete' },
    ])
    const keys = (await recordsOf(file)).map(({ key }) => key)
    expect(keys[1]).toBe(keys[2])
    expect(keys[1]).not.toBe(keys[3])
    expect(keys[1]).toMatch(/^[\w-]{43}$/)
  })

  it('holds no key, tag, pattern or value', async () => {
    const { caches, file } = await openAudited(await makeDirectory())
    for (const name of ['settings', 'auth']) {
      const cache = caches.define<string>(name)
      await cache.set('canary-key', 'canary-value', { tags: ['canary-tag'] })
      await cache.getMany(['canary-key', 'canary-other'])
      await cache.update('canary-key', () => 'canary-value-2')
      await cache.invalidateTags(['canary-tag'])
      await cache.deleteMany(['canary-key'])
      await caches
        .open(name, { as: 'x', allow: [] })
        .get('canary-key')
        .catch(() => undefined)
    }
    await caches.define('other').deleteMatching('canary*')
    await caches.invalidateTags(['canary-tag'])
    await caches.close()
    const text = await readFile(file, 'utf8')
    expect(text).not.toContain('canary')
    expect(text.split('\n').length).toBeGreaterThan(20)
    expect((await verifyAudit({ file })).ok).toBe(true)
  })

  it('names the key of a sensitive cache by the hash that the backend has', async () => {
    const backend = memory()
    const { caches, file } = await openAudited(await makeDirectory(), {}, { backend })
    await caches.define('auth').delete('k')
    const [, , record] = await recordsOf(file)
    expect(record).toMatchObject({ cache: 'auth', operation: 'delete' })
    const hashes = new Set((await recordsOf(file)).flatMap(({ key }) => key ?? []))
    expect(hashes.size).toBe(1)
  })

  it('is there of each key, of denied calls, of failed ones, and of what is done to all caches', async () => {
    const access = [
      { cache: 'settings', caller: 'admin', allow: ['get', 'set', 'clear', 'invalidate'] as const },
    ]
    const { caches, file } = await openAudited(await makeDirectory(), {}, { security: { access } })
    const settings = caches.define<number>('settings')
    caches.define<number>('quotes')
    await expect(settings.delete('k')).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    await asCaller('admin', async () => {
      await expect(settings.set('k', undefined as never)).rejects.toMatchObject({ code: 'INVALID_VALUE' })
      await settings.getMany(['a', 'b'])
      await caches.clear()
    })
    const records = (await recordsOf(file)).slice(1)
    expect(records).toMatchObject([
      { operation: 'delete', outcome: 'denied' },
      { operation: 'set', outcome: 'failed', code: 'INVALID_VALUE', caller: 'admin' },
      { operation: 'get', hit: false },
      { operation: 'get', hit: false },
      { cache: 'settings', operation: 'clear', outcome: 'begun' },
      { cache: 'quotes', operation: 'clear', outcome: 'begun' },
      { cache: 'quotes', operation: 'clear', outcome: 'done' },
      { cache: 'settings', operation: 'clear', outcome: 'done' },
    ])
    expect(records[0]?.caller).toBeUndefined()
  })
})

describe('what is recorded', () => {
  it.each<[AuditOptions, readonly string[]]>([
    [{}, ['auth', 'market:quotes', 'settings']],
    [{ caches: 'sensitive' }, ['auth']],
    [{ caches: ['market:*'] }, ['market:quotes']],
  ])('with %j is of %j', async (options, expected) => {
    const { caches, file } = await openAudited(await makeDirectory(), options)
    for (const name of ['auth', 'market:quotes', 'settings']) await caches.define(name).get('k')
    await caches.close()
    expect((await recordsOf(file)).flatMap(({ cache }) => cache ?? [])).toEqual(expected)
  })

  it('is without reads if so wished, and an audit of other caches costs a cache nothing', async () => {
    const { caches, file } = await openAudited(await makeDirectory(), { reads: false, caches: ['settings'] })
    const settings = caches.define('settings')
    await settings.get('k')
    await settings.size()
    await settings.set('k', 1)
    expect(caches.define('quotes').constructor.name).toBe('CacheEngine')
    await caches.close()
    expect((await recordsOf(file)).map(({ operation }) => operation)).toEqual(['open', 'set'])
  })

  it.each<[AuditOptions['reads'], readonly string[]]>([
    [
      true,
      [
        'auth get',
        'auth load',
        'auth load',
        'auth load',
        'sessions get',
        'sessions load',
        'sessions load',
        'sessions load',
      ],
    ],
    [false, ['auth load', 'auth load', 'sessions load', 'sessions load']],
    [
      ['au*', 'tokens'],
      ['auth get', 'auth load', 'auth load', 'auth load', 'sessions load', 'sessions load'],
    ],
  ])(
    'with reads: %j is of loads that ran, of what was denied, and of those reads',
    async (reads, expected) => {
      const { caches, file } = await openAudited(await makeDirectory(), { reads })
      for (const name of ['auth', 'sessions']) {
        const cache = caches.define<number>(name)
        await cache.get('k')
        await cache.getOrLoad('k', () => 1)
        await cache.getOrLoad('k', () => 1)
        await cache.getOrLoad('other', () => Promise.reject(new Error('no'))).catch(() => undefined)
        await caches
          .open(name, { as: 'prices', allow: [] })
          .get('k')
          .catch(() => undefined)
      }
      await caches.close()
      const records = (await recordsOf(file)).filter(({ cache }) => cache !== undefined)
      const denied = records.filter(({ outcome }) => outcome === 'denied')
      expect(denied.map(({ cache, operation, caller }) => `${caller} ${operation} ${cache}`)).toEqual([
        'prices get auth',
        'prices get sessions',
      ])
      const others = records.filter(({ outcome }) => outcome !== 'denied')
      expect(others.map(({ cache, operation }) => `${cache} ${operation}`)).toEqual(expected)
      expect(await verifyAudit({ file })).toMatchObject({ ok: true })
    },
  )

  it('is on the disk before a privileged call answers, and within a second for the others', async () => {
    const { caches, file, clock } = await openAudited(await makeDirectory())
    const settings = caches.define('settings')
    await settings.get('k')
    expect(await recordsOf(file)).toHaveLength(1)
    await settings.delete('k')
    expect(await recordsOf(file)).toHaveLength(4)
    await settings.get('k')
    clock.advance(1000)
    await vi.waitFor(async () => expect(await recordsOf(file)).toHaveLength(5))
    await settings.get('k')
    await caches.close()
    expect(await recordsOf(file)).toHaveLength(6)
    expect(clock.pendingTimers).toBe(0)
  })

  it('of many calls at once is whole and in order', async () => {
    const { caches, file } = await openAudited(await makeDirectory())
    const settings = caches.define<number>('settings')
    await Promise.all(
      Array.from({ length: 300 }, async (_, index) =>
        index % 3 === 0 ? settings.delete(index) : settings.get(index),
      ),
    )
    await caches.close()
    expect(await verifyAudit({ file })).toMatchObject({ ok: true, records: 400 })
  })
})

describe('the files of an audit', () => {
  it('have mode 600, and are gone on with after a restart', async () => {
    const directory = await makeDirectory()
    for (let run = 0; run < 3; run++) {
      const { caches } = await openAudited(directory)
      await caches.define('settings').delete('k')
      await caches.close()
    }
    const file = join(directory, 'audit.log')
    expect(await verifyAudit({ file })).toMatchObject({ ok: true, records: 6, lastSeq: 6 })
    expect((await readdir(directory)).sort()).toEqual(['audit.log', 'audit.log.key', 'audit.log.state'])
    for (const name of await readdir(directory))
      expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600)
  })

  it('do not hold the key of what was written, only that of what comes', async () => {
    const directory = await makeDirectory()
    const { caches, file } = await openAudited(directory)
    const first = (await readFile(`${file}.key`, 'latin1')).trim()
    await caches.define('settings').delete('k')
    expect(await readFile(`${file}.state`, 'latin1')).not.toContain(first)
    await rename(`${file}.key`, `${file}.moved`)
    await caches.close()
    const again = await openAudited(directory)
    await again.caches.define('settings').delete('k')
    await again.caches.close()
    await expect(stat(`${file}.key`)).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(verifyAudit({ file })).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' })
    expect(await verifyAudit({ file, keyFile: `${file}.moved` })).toMatchObject({ ok: true })
  })

  it('are rotated each day and by size, and old ones go, which is recorded', async () => {
    const { caches, file, clock } = await openAudited(await makeDirectory(), {
      rotation: { maxBytes: 4096, keep: '3d' },
    })
    const settings = caches.define('settings')
    for (let today = 0; today < 6; today++) {
      for (let call = 0; call < 15; call++) await settings.delete(['k', call])
      expect(await verifyAudit({ file })).toMatchObject({ ok: true })
      clock.advance(day)
    }
    await settings.delete('k')
    await caches.close()
    const files = (await readdir(join(file, '..'))).filter((name) => /\d$/.test(name))
    const days = new Set(files.map((name) => name.slice('audit.log.'.length).slice(0, 10)))
    expect([...days].sort()).toEqual(['2026-01-03', '2026-01-04', '2026-01-05', '2026-01-06'])
    expect(files.length).toBeGreaterThan(4)
    const verified = await verifyAudit({ file })
    expect(verified).toMatchObject({ ok: true, fault: undefined })
    expect(verified.firstSeq).toBeGreaterThan(1)
  })

  it('are of one process each', async () => {
    const directory = await makeDirectory()
    const { caches, file } = await openAudited(directory)
    await expect(openAudited(directory)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('a file of its own') as string,
    })
    await caches.close()
    // Left behind by a process that is no more.
    await writeFile(`${file}.lock`, '999999999\n')
    const again = await openAudited(directory)
    await again.caches.close()
  })

  it('are not gone on with when the state is missing, unsafe or damaged', async () => {
    const directory = await makeDirectory()
    const { caches, file } = await openAudited(directory)
    await caches.close()
    const state = await readFile(`${file}.state`)
    await writeFile(`${file}.state`, state.subarray(0, 40))
    await expect(openAudited(directory)).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' })
    await rm(`${file}.state`)
    await expect(openAudited(directory)).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' })
    await writeFile(`${file}.state`, state, { mode: 0o644 })
    await expect(openAudited(directory)).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' })
    expect((await verifyAudit({ file })).ok).toBe(true)
  })
})

describe('a crash', () => {
  it('between records and state, or in the middle of a record, loses nothing else', async () => {
    const directory = await makeDirectory()
    const first = await openAudited(directory)
    await first.caches.define('settings').delete('k')
    await first.caches.close()
    const { file } = first
    const state = await readFile(`${file}.state`)
    const second = await openAudited(directory)
    for (let call = 0; call < 3; call++) await second.caches.define(`s${call}`).delete('k')
    await second.caches.close()
    await writeFile(`${file}.state`, state)
    await appendFile(file, '{"seq":10,"epoch":1,"time":"2026-')
    const third = await openAudited(directory)
    await third.caches.define('settings').delete('k')
    await third.caches.close()
    expect(await verifyAudit({ file })).toMatchObject({ ok: true, records: 10 })
  })

  it('is told from a cut and from foreign lines, which are reported', async () => {
    const reports: string[] = []
    onTestFinished(onCacheEvent('cache:report', ({ message }) => reports.push(message)))
    const directory = await makeDirectory()
    const { caches, file } = await openAudited(directory)
    await caches.define('settings').delete('k')
    await caches.close()
    await appendFile(file, 'forged line\n')
    await (await openAudited(directory)).caches.close()
    expect(reports).toEqual([expect.stringContaining('1 lines that it did not write')])
    await truncate(file, 100)
    await (await openAudited(directory)).caches.close()
    expect(reports[1]).toContain('shorter than it was')
    expect((await verifyAudit({ file })).ok).toBe(false)
  })
})

describe('a disk that takes nothing', () => {
  it('refuses the calls that are to be recorded, until it takes records again', async () => {
    const { caches, file, failing } = await onFullDisk('refuse')
    const settings = caches.define<number>('settings')
    const reports: string[] = []
    onTestFinished(onCacheEvent('cache:report', ({ message }) => reports.push(message)))
    failing(true)
    await expect(settings.delete('k')).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' })
    await expect(settings.get('k')).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' })
    await expect(settings.set('k', 1)).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' })
    expect(reports).toEqual([expect.stringContaining('cannot be written')])
    failing(false)
    await settings.delete('k')
    expect(await settings.get('k')).toBeUndefined()
    await caches.close()
    expect((await verifyAudit({ file })).ok).toBe(true)
    const outcomes = (await recordsOf(file))
      .slice(1)
      .map(({ operation, outcome }) => `${operation} ${outcome}`)
    expect(outcomes).toEqual([
      'delete begun',
      'get begun',
      'set begun',
      'delete begun',
      'delete done',
      'get done',
    ])
  })

  it('refuses no reads of caches whose reads nobody wants recorded', async () => {
    const { caches, file, failing } = await onFullDisk('refuse', { reads: ['auth'] })
    const settings = caches.define<number>('settings')
    failing(true)
    await expect(settings.delete('k')).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' })
    expect(await settings.get('k')).toBeUndefined()
    await expect(caches.define('auth').get('k')).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' })
    failing(false)
    await caches.close()
    const operations = (await recordsOf(file)).map(({ cache, operation }) => `${cache} ${operation}`)
    expect(operations.slice(1)).toEqual(['settings delete', 'auth get'])
  })

  it('lets them go on if the operator wishes, and what was lost is recorded', async () => {
    const { caches, file, failing } = await onFullDisk('continue')
    const settings = caches.define<number>('settings')
    failing(true)
    await settings.delete('k')
    expect(await settings.set('k', 1)).toBe(true)
    const keys = Array.from({ length: 50_000 }, (_, index) => index)
    await settings.getMany(keys)
    failing(false)
    await settings.delete('k')
    await caches.close()
    expect((await verifyAudit({ file })).ok).toBe(true)
    const lost = (await recordsOf(file)).filter(({ operation }) => operation === 'lost')
    expect(lost.length).toBe(1)
    expect(lost[0]?.count).toBeGreaterThan(20_000)
  })
})

/** A file whose disk is full when told so: the records' file is on a device that has no room. */
async function onFullDisk(
  onFailure: 'refuse' | 'continue',
  options: AuditOptions = {},
): Promise<{
  readonly caches: Awaited<ReturnType<typeof openAudited>>['caches']
  readonly file: string
  readonly failing: (on: boolean) => void
}> {
  const directory = await makeDirectory()
  const { caches, file } = await openAudited(directory, { onFailure, ...options })
  const { FileHandle } = await fileHandlePrototype(file)
  const append = FileHandle.appendFile
  onTestFinished(() => {
    FileHandle.appendFile = append
  })
  const failing = (on: boolean): void => {
    FileHandle.appendFile = on
      ? () => Promise.reject(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }))
      : append
  }
  return { caches, file, failing }
}

async function fileHandlePrototype(file: string): Promise<{ FileHandle: { appendFile: unknown } }> {
  const { open } = await import('node:fs/promises')
  const handle = await open(file, 'r')
  await handle.close()
  return { FileHandle: Object.getPrototypeOf(handle) as { appendFile: unknown } }
}

describe('checkpoints', () => {
  it('reach their second place, and again after it was away', async () => {
    const sent: Checkpoint[] = []
    let away = true
    const send = async (checkpoint: Checkpoint): Promise<void> => {
      if (away) throw new Error('away')
      sent.push(checkpoint)
    }
    const directory = await makeDirectory()
    const second = join(directory, 'elsewhere')
    await mkdir(second)
    const checkpoints = { send, file: join(second, 'points.jsonl'), every: 5 }
    const { caches, file } = await openAudited(directory, { checkpoints })
    const settings = caches.define('settings')
    for (let call = 0; call < 5; call++) await settings.delete('k')
    away = false
    for (let call = 0; call < 5; call++) await settings.delete('k')
    await caches.close()
    expect(sent.at(-1)).toMatchObject({ seq: 20, instance: 'instance-1' })
    expect(await verifyAudit({ file, checkpoints: sent })).toMatchObject({ ok: true })
    expect(await verifyAudit({ file, checkpoints: checkpoints.file })).toMatchObject({ ok: true })
  })
})

describe('options', () => {
  it.each<[object, string]>([
    [{ path: 'x' }, `no option 'path'`],
    [{ file: '' }, 'file must be a path'],
    [{ instance: 'a b' }, 'instance must be'],
    [{ caches: 'some' }, 'caches must be'],
    [{ onFailure: 'ignore' }, 'onFailure'],
    [{ rotation: { maxBytes: 1 } }, 'rotation.maxBytes'],
    [{ checkpoints: { every: 0 } }, 'checkpoints.every'],
    [{ checkpoints: { place: 'x' } }, `no option 'place'`],
  ])('%j are refused', (options, fault) => {
    expect(() => auditLog(options)).toThrow(fault)
  })

  it('belong to one createCaches', async () => {
    const audit = auditLog({ file: join(await makeDirectory(), 'a.log') })
    const caches = await createCaches({ backend: memory(), security: { audit } })
    await expect(createCaches({ backend: memory(), security: { audit } })).rejects.toThrow(
      'give each its own',
    )
    await caches.close()
  })
})
