import { onCacheEvent } from '@cache/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { verifyAudit, type AuditOptions } from '../src/index.ts'
import { makeDirectory, openAudited, recordsOf } from './support.ts'

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
