import { chmod, mkdir, open, readdir, readFile, stat, writeFile, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import {
  createSecureFile,
  isInOpenDirectory,
  readSecureFile,
  replaceSecureFile,
} from '../src/keyring/secure-file.ts'
import { makeDirectory } from './support.ts'

const [one, other] = [Buffer.from('one'), Buffer.from('the other')]

async function aPath(): Promise<string> {
  return join(await makeDirectory(), 'key')
}

/** What all open files have in common, to make one of their calls fail. */
async function handles(directory: string): Promise<FileHandle> {
  const probe = await open(directory, 'r')
  const prototype = Object.getPrototypeOf(probe) as FileHandle
  await probe.close()
  return prototype
}

function unavailable(path: string, reason: string): object {
  return { code: 'KEY_UNAVAILABLE', message: `The key file ${path} cannot be used: ${reason}` }
}

describe('a file that is made', () => {
  it('is whole, is its owner alone to use, and leaves nothing beside it', async () => {
    const path = await aPath()
    expect(await readSecureFile(path)).toBeUndefined()
    expect(await createSecureFile(path, one)).toBe(true)
    expect(await readSecureFile(path)).toEqual(one)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(dirname(path))).toEqual(['key'])
  })

  it('takes the place of none that is there', async () => {
    const path = await aPath()
    await createSecureFile(path, one)
    expect(await createSecureFile(path, other)).toBe(false)
    expect(await readFile(path)).toEqual(one)
    expect(await readdir(dirname(path))).toEqual(['key'])
  })

  it('is refused where there can be no directory', async () => {
    const path = await aPath()
    await writeFile(path, '')
    const below = join(path, 'below', 'key')
    await expect(createSecureFile(below, one)).rejects.toMatchObject(unavailable(below, 'ENOTDIR'))
  })

  it('leaves no part of it when the disk is full', async () => {
    const path = await aPath()
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC' })
    vi.spyOn(await handles(dirname(path)), 'sync').mockRejectedValue(full)
    await expect(createSecureFile(path, one)).rejects.toMatchObject({
      ...unavailable(path, 'ENOSPC'),
      cause: full,
    })
    await expect(replaceSecureFile(path, one)).rejects.toMatchObject(unavailable(path, 'ENOSPC'))
    expect(await readdir(dirname(path))).toEqual([])
  })
})

describe('what works on a file', () => {
  it('closes all that it opened, whether it succeeds or not', async () => {
    const path = await aPath()
    const prototype = await handles(dirname(path))
    const [synced, looked] = [vi.spyOn(prototype, 'sync'), vi.spyOn(prototype, 'stat')]
    await createSecureFile(path, one)
    await replaceSecureFile(path, other)
    await readSecureFile(path)
    await chmod(path, 0o644)
    await expect(readSecureFile(path)).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' })
    synced.mockRejectedValue(new Error('no space'))
    await expect(replaceSecureFile(path, one)).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' })
    // What was written and its directory, twice; what could not be written.
    expect(synced.mock.contexts.map((handle) => (handle as { fd: number }).fd)).toEqual([-1, -1, -1, -1, -1])
    expect(looked.mock.contexts.map((handle) => (handle as { fd: number }).fd)).toEqual([-1, -1])
  })

  it('has the file and its name on the disk when it is done', async () => {
    const path = await aPath()
    const sync = vi.spyOn(await handles(dirname(path)), 'sync')
    await createSecureFile(path, one)
    expect(sync).toHaveBeenCalledTimes(2)
    await replaceSecureFile(path, other)
    expect(sync).toHaveBeenCalledTimes(4)
  })

  it('reads what is as large as a key file may be, and nothing larger', async () => {
    const path = await aPath()
    await writeFile(path, Buffer.alloc(65_536, 7), { mode: 0o600 })
    expect(await readSecureFile(path)).toEqual(Buffer.alloc(65_536, 7))
    await writeFile(path, Buffer.alloc(65_537, 7))
    await expect(readSecureFile(path)).rejects.toMatchObject({
      code: 'KEY_UNAVAILABLE',
      message: `The key file ${path} is too large to be a key file`,
    })
  })

  it('names a failure without a code unknown', async () => {
    const path = await aPath()
    const fault = new Error('no code')
    vi.spyOn(await handles(dirname(path)), 'sync').mockRejectedValue(fault)
    await expect(replaceSecureFile(path, one)).rejects.toMatchObject({
      ...unavailable(path, 'unknown'),
      cause: fault,
    })
  })
})

describe('a file that is replaced', () => {
  it('is the new one, with the mode of one that is made', async () => {
    const path = await aPath()
    await createSecureFile(path, one)
    await replaceSecureFile(path, other)
    expect(await readSecureFile(path)).toEqual(other)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(dirname(path))).toEqual(['key'])
  })

  it('stays as it was when it cannot be', async () => {
    const path = join(await makeDirectory(), 'away', 'key')
    await expect(replaceSecureFile(path, other)).rejects.toMatchObject(unavailable(path, 'ENOENT'))
  })
})

describe('a directory', () => {
  it.each<[number, boolean]>([
    [0o700, false],
    [0o755, false],
    [0o775, true],
    [0o757, true],
    [0o777, true],
    // Others may write to it, and not replace what is mine.
    [0o1777, false],
  ])('of mode %o lets others replace the file: %s', async (mode, isOpen) => {
    const directory = join(await makeDirectory(), 'db')
    await mkdir(directory)
    await chmod(directory, mode)
    expect(await isInOpenDirectory(join(directory, 'key'))).toBe(isOpen)
  })
})
