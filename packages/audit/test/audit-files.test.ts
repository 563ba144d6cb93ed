import { appendFile, mkdir, readFile, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onCacheEvent } from '@cache/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { verifyAudit, type Checkpoint } from '../src/index.ts'
import { makeDirectory, openAudited } from './support.ts'

const day = 86_400_000

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
