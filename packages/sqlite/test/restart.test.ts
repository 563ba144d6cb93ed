import { copyFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  Child,
  epochOf,
  get,
  makeDirectory,
  open,
  pathIn,
  payloadOf,
  rawOpen,
  set,
  type Opened,
} from './fixture.ts'

/** Makes the file look as if it had been written before the machine was last started. */
function restartMachine(directory: string): void {
  const database = rawOpen(pathIn(directory))
  database.exec(`UPDATE journal SET boot_id = 'an earlier boot' WHERE boot_id IS NOT NULL`)
  database.close()
}

async function written(options: { directory: string; durability?: 'normal' | 'full' }): Promise<Opened> {
  const opened = await open(options)
  await set(opened.store, 'k', { payload: 'kept', tags: ['t'] })
  return opened
}

describe('a restart', () => {
  it('of the process keeps everything that was acknowledged, though it was killed', async () => {
    const directory = await makeDirectory()
    const child = new Child('writing', directory)
    let last = -1
    while (last < 300) last = Number(await child.line())
    await child.kill()
    const { store, reports } = await open({ directory })
    const payloads = await Promise.all(Array.from({ length: 50 }, (_, key) => payloadOf(store, `key${key}`)))
    for (let number = last - 49; number <= last; number++) {
      // The child may have written further numbers before it was killed.
      expect(Number(payloads[number % 50])).toBeGreaterThanOrEqual(number)
    }
    expect(reports).toEqual([])
  })

  it('of the machine after a clean end keeps the entries and the epoch', async () => {
    const directory = await makeDirectory()
    const { backend, store } = await written({ directory })
    const epoch = await epochOf(store)
    await backend.close()
    restartMachine(directory)
    const after = await open({ directory })
    expect(await payloadOf(after.store, 'k')).toBe('kept')
    expect(await epochOf(after.store)).toBe(epoch)
    expect(after.reports).toEqual([])
  })

  it('of the machine without a clean end is a cold start: an acknowledged invalidation may be lost', async () => {
    const directory = await makeDirectory()
    const { store } = await written({ directory })
    const epoch = await epochOf(store)
    restartMachine(directory)
    const after = await open({ directory })
    expect(await get(after.store, 'k')).toBeUndefined()
    expect(await epochOf(after.store)).not.toBe(epoch)
    expect(after.reports.join()).toContain('starts cold')
    expect(await after.store.count()).toBe(0)
  })

  it('of the machine after one process ended cleanly and another wrote on is a cold start', async () => {
    const directory = await makeDirectory()
    const one = await written({ directory })
    const two = await open({ directory })
    await set(two.store, 'other')
    await one.backend.close()
    await set(two.store, 'later')
    restartMachine(directory)
    expect(await get((await open({ directory })).store, 'later')).toBeUndefined()
  })

  it('of the machine with full durability keeps the entries without a clean end', async () => {
    const directory = await makeDirectory()
    const { store } = await written({ directory, durability: 'full' })
    const epoch = await epochOf(store)
    restartMachine(directory)
    const after = await open({ directory, durability: 'full' })
    expect(await payloadOf(after.store, 'k')).toBe('kept')
    expect(await epochOf(after.store)).toBe(epoch)
  })

  it('after which only reads were made says nothing about unsafe changes', async () => {
    const directory = await makeDirectory()
    await (await written({ directory })).backend.close()
    const reader = await open({ directory })
    expect(await payloadOf(reader.store, 'k')).toBe('kept')
    restartMachine(directory)
    expect(await payloadOf((await open({ directory })).store, 'k')).toBe('kept')
  })
})

describe('a file put in place of another', () => {
  it('is a cold start, though it is a sound copy of an earlier state', async () => {
    const directory = await makeDirectory()
    const first = await written({ directory })
    const epoch = await epochOf(first.store)
    await first.backend.close()
    const backup = join(directory, 'backup')
    await copyFile(pathIn(directory), backup)
    const second = await open({ directory })
    await second.store.change([{ kind: 'delete', key: 'k' }])
    await second.backend.close()
    await rename(backup, pathIn(directory))
    const { store, reports } = await open({ directory })
    expect(await get(store, 'k')).toBeUndefined()
    expect(await epochOf(store)).not.toBe(epoch)
    expect(reports.join()).toContain('starts cold')
  })

  it('goes on with a sequence that is not lower, and works', async () => {
    const directory = await makeDirectory()
    const { backend, store } = await written({ directory })
    const { stamp } = await store.change([{ kind: 'tags', tags: ['t'] }])
    await backend.close()
    await copyFile(pathIn(directory), join(directory, 'copy'))
    await rename(join(directory, 'copy'), pathIn(directory))
    const after = await open({ directory })
    const reply = await after.store.changesSince(stamp)
    expect(reply.kind).toBe('reset')
    expect(reply.stamp.sequence).toBeGreaterThanOrEqual(stamp.sequence)
    await set(after.store, 'k', { tags: ['t'], payload: 'new' })
    expect(await payloadOf(after.store, 'k')).toBe('new')
    await after.store.change([{ kind: 'tags', tags: ['t'] }])
    expect(await get(after.store, 'k')).toBeUndefined()
  })
})
