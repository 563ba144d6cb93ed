import { execFile } from 'node:child_process'
import {
  chmod,
  chown,
  link,
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createCaches } from '@cache/core'
import { sqlite } from '@cache/sqlite'
import { describe, expect, it, vi } from 'vitest'
import { encryption, type KeyedProtection } from '../src/index.ts'
import {
  eventsOf,
  flipped,
  makeDirectory,
  openEncrypted,
  place,
  scope,
  secret,
  started,
  times,
} from './support.ts'

const execute = promisify(execFile)
const child = join(import.meta.dirname, 'children', 'starting.ts')

async function madeKey(): Promise<{ readonly path: string; readonly id: string }> {
  const path = join(await makeDirectory(), '.cache_key')
  const { keys } = await started(encryption({ keyFile: path }))
  return { path, id: keys.list()[0]?.id ?? '' }
}

/** A refusal to start that names the fault. */
function refusal(fault: string): object {
  return { code: 'KEY_UNAVAILABLE', message: expect.stringContaining(fault) as string }
}

function starting(path: string): Promise<unknown> {
  return started(encryption({ keyFile: path }))
}

describe('a key file', () => {
  it('is made on first use in a directory with mode 700, whatever the umask', async () => {
    const path = join(await makeDirectory(), 'db', '.cache_key')
    await execute(process.execPath, ['--no-warnings', child, path, '000'])
    expect((await stat(join(path, '..'))).mode & 0o777).toBe(0o700)
    expect(await readdir(join(path, '..'))).toEqual(['.cache_key'])
  })

  it.each(['000', '022', '277'])('is made with mode 600 under the umask %s', async (umask) => {
    const path = join(await makeDirectory(), '.cache_key')
    await execute(process.execPath, ['--no-warnings', child, path, umask])
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('is used again, and not written to', async () => {
    const { path, id } = await madeKey()
    const bytes = await readFile(path)
    const { keys } = await started(encryption({ keyFile: path }))
    expect(keys.list()).toMatchObject([{ id, state: 'primary' }])
    expect(await readFile(path)).toEqual(bytes)
  })

  it.each([0o640, 0o604, 0o660, 0o606, 0o610, 0o777])('with mode %o is refused', async (mode) => {
    const { path } = await madeKey()
    await chmod(path, mode)
    await expect(starting(path)).rejects.toMatchObject(refusal('chmod 600'))
  })

  it('that is a symbolic link is refused, also one that leads nowhere', async () => {
    const { path } = await madeKey()
    const linked = `${path}-link`
    await symlink(path, linked)
    await expect(starting(linked)).rejects.toMatchObject(refusal('symbolic link'))
    await rm(path)
    await expect(starting(linked)).rejects.toMatchObject(refusal('symbolic link'))
    expect(await readdir(join(path, '..'))).toEqual(['.cache_key-link'])
  })

  it('that is a directory or a pipe is refused, and nothing waits for it', async () => {
    const directory = await makeDirectory()
    await mkdir(join(directory, 'd'), { mode: 0o700 })
    await execute('mkfifo', ['-m', '600', join(directory, 'p')])
    await expect(starting(join(directory, 'd'))).rejects.toMatchObject(refusal('no regular file'))
    await expect(starting(join(directory, 'p'))).rejects.toMatchObject(refusal('no regular file'))
  })

  it('of another user is refused', async () => {
    const { path } = await madeKey()
    // Only root can give a file away, and has no use for one of somebody else's making.
    const foreign = process.geteuid?.() === 0 ? path : '/etc/passwd'
    if (foreign === path) await chown(path, 65_534, 65_534)
    await expect(starting(foreign)).rejects.toMatchObject(refusal('chown'))
  })

  it('that was cut short anywhere is refused and left as it is', async () => {
    const { path } = await madeKey()
    const bytes = await readFile(path)
    for (let length = 0; length < bytes.length - 1; length += 7) {
      await writeFile(path, bytes.subarray(0, length))
      await expect(starting(path)).rejects.toMatchObject(refusal('damaged'))
      expect((await stat(path)).size).toBe(length)
    }
  })

  it('with a bit turned is refused, or says the same as before', async () => {
    const { path, id } = await madeKey()
    const bytes = await readFile(path)
    for (let bit = 3; bit < bytes.length * 8; bit += 61) {
      await writeFile(path, flipped(bytes, bit))
      const outcome: unknown = await started(encryption({ keyFile: path })).catch((error: unknown) => error)
      // White space between the fields says nothing.
      if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'KEY_UNAVAILABLE' })
      else expect((outcome as KeyedProtection).keys.list()).toMatchObject([{ id }])
    }
  })

  it('that is too large is refused', async () => {
    const { path } = await madeKey()
    await writeFile(path, Buffer.alloc(70_000, 0x20))
    await expect(starting(path)).rejects.toMatchObject(refusal('too large'))
  })

  it('made by eight processes at once is one, and whole in each', async () => {
    const path = join(await makeDirectory(), '.cache_key')
    const runs = await Promise.all(
      Array.from({ length: 8 }, () => execute(process.execPath, ['--no-warnings', child, path])),
    )
    expect(new Set(runs.map(({ stdout }) => stdout)).size).toBe(1)
    expect(await readdir(join(path, '..'))).toEqual(['.cache_key'])
  })

  it('has a name elsewhere, as a backup by hard link gives it', async () => {
    const { path, id } = await madeKey()
    await link(path, `${path}-backup`)
    const { keys } = await started(encryption({ keyFile: `${path}-backup` }))
    expect(keys.list()[0]?.id).toBe(id)
  })

  it('in a directory that others may write to is reported', async () => {
    const { path } = await madeKey()
    await chmod(join(path, '..'), 0o777)
    const reports: string[] = []
    await started(encryption({ keyFile: path }), { report: (message) => reports.push(message) })
    expect(reports).toEqual([expect.stringContaining('others can replace')])
  })
})

describe('a lost key file', () => {
  it('is not replaced while the backend holds entries that were sealed with it', async () => {
    const directory = await makeDirectory()
    const keyFile = join(directory, '.cache_key')
    const first = await openEncrypted(directory)
    await first.caches.define('auth').set('k', 'v')
    await first.caches.close()
    await rename(keyFile, `${keyFile}-moved`)
    await expect(openEncrypted(directory)).rejects.toMatchObject(refusal('restore it'))
    await expect(stat(keyFile)).rejects.toMatchObject({ code: 'ENOENT' })
    await rename(`${keyFile}-moved`, keyFile)
    const restored = await openEncrypted(directory)
    expect(await restored.caches.define('auth').get('k')).toBe('v')
    await restored.caches.clear()
    await restored.caches.close()
    await rm(keyFile)
    await expect(openEncrypted(directory)).rejects.toMatchObject(refusal('restore it'))
  })

  it('is replaced when the operator says so, and the entries are misses that stay', async () => {
    const directory = await makeDirectory()
    const keyFile = join(directory, '.cache_key')
    const first = await openEncrypted(directory)
    await first.caches.define('auth').set('k', 'v')
    await first.caches.close()
    await rm(keyFile)
    const reports = eventsOf('cache:report')
    const second = await openEncrypted(directory, {}, { keyFile, lostKey: 'replace' })
    expect(reports).toMatchObject([
      { source: 'encryption', message: expect.stringContaining('misses') as string },
    ])
    const auth = second.caches.define('auth')
    expect(await auth.get('k')).toBeUndefined()
    expect(await auth.size()).toBe(1)
    await second.caches.close()
    const third = await openEncrypted(directory)
    await third.caches.close()
  })

  it('of another installation does not start over these entries', async () => {
    const directory = await makeDirectory()
    const first = await openEncrypted(directory)
    await first.caches.close()
    const { path } = await madeKey()
    await expect(openEncrypted(directory, {}, { keyFile: path })).rejects.toMatchObject(refusal('other keys'))
  })

  it('is not made while the backend cannot say what it holds', async () => {
    const path = join(await makeDirectory(), '.cache_key')
    const readInstallation = (): Promise<never> => Promise.reject(new Error('away'))
    await expect(started(encryption({ keyFile: path }), { readInstallation })).rejects.toMatchObject(
      refusal('cannot say'),
    )
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })
    await starting(path)
    await started(encryption({ keyFile: path }), { readInstallation })
  })
})

describe('a backend', () => {
  it('that cannot say whose entries it holds is reported and claimed by nobody; keys that are there serve', async () => {
    const away = new Error('away')
    const report = vi.fn<(message: string, error?: unknown) => void>()
    const writeInstallation = vi.fn<() => Promise<void>>(async () => undefined)
    const readInstallation = (): Promise<never> => Promise.reject(away)
    const { path } = await madeKey()
    const protection = await started(encryption({ keyFile: path }), {
      report,
      readInstallation,
      writeInstallation,
    })
    expect(report.mock.calls).toEqual([[expect.stringContaining('whose entries it holds'), away]])
    expect(writeInstallation).not.toHaveBeenCalled()
    expect(protection.forCache(scope).seal('v', place, times)).toBeInstanceOf(Uint8Array)
  })

  it('that cannot note whose entries it holds is reported', async () => {
    const full = new Error('full')
    const report = vi.fn<(message: string, error?: unknown) => void>()
    const writeInstallation = (): Promise<never> => Promise.reject(full)
    const { path } = await madeKey()
    await started(encryption({ keyFile: path }), { report, writeInstallation })
    expect(report.mock.calls).toEqual([[expect.stringContaining('could not note'), full]])
  })

  it('of another installation has nothing sealed by a protection that it refused', async () => {
    const protection = encryption({ keys: () => secret(1) })
    const readInstallation = async (): Promise<string> => 'of others'
    await expect(started(protection, { readInstallation })).rejects.toMatchObject(refusal('other keys'))
    expect(() => protection.forCache(scope)).toThrow(expect.objectContaining(refusal('createCaches starts')))
  })
})

describe('what createCaches refuses', () => {
  it('starts nothing with a key file that is unsafe', async () => {
    const directory = await makeDirectory()
    const keyFile = join(directory, '.cache_key')
    await writeFile(keyFile, 'secret', { mode: 0o644 })
    const options = { backend: sqlite({ directory }), protection: encryption({ keyFile }) }
    await expect(createCaches(options)).rejects.toMatchObject(refusal('chmod 600'))
  })
})
