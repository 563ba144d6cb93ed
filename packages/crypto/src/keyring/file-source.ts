import { open, rm } from 'node:fs/promises'
import { CacheError } from '@cache/core'
import { newMaterial, readKeyFile, writeKeyFile } from './key-file.ts'
import type { KeyMaterial } from './key-material.ts'
import type { KeySource } from './key-source.ts'
import { createSecureFile, isInOpenDirectory, readSecureFile, replaceSecureFile } from './secure-file.ts'

/** Keys in a file that only this user can read. */
export class FileSource implements KeySource {
  readonly description: string
  readonly #path: string

  constructor(path: string) {
    this.#path = path
    this.description = `the key file ${path}`
  }

  async load(report: (message: string) => void): Promise<KeyMaterial | undefined> {
    const material = await this.#read()
    if (material && (await isInOpenDirectory(this.#path)))
      report(`others can replace ${this.description}: take their right to write from its directory`)
    return material
  }

  async create(createdAt: string): Promise<KeyMaterial> {
    const bytes = writeKeyFile(newMaterial(createdAt))
    await createSecureFile(this.#path, bytes)
    bytes.fill(0)
    const material = await this.#read()
    if (material) return material
    throw new CacheError('KEY_UNAVAILABLE', `${this.description} was removed while it was being made`)
  }

  /** One process at a time. */
  async change(edit: (material: KeyMaterial) => KeyMaterial): Promise<KeyMaterial> {
    const lock = `${this.#path}.lock`
    await takeLock(lock)
    try {
      const material = await this.#read()
      if (!material)
        throw new CacheError('KEY_UNAVAILABLE', `${this.description} is gone; restore it from a backup`)
      const changed = edit(material)
      const bytes = writeKeyFile(changed)
      await replaceSecureFile(this.#path, bytes)
      bytes.fill(0)
      return changed
    } finally {
      await rm(lock, { force: true })
    }
  }

  async #read(): Promise<KeyMaterial | undefined> {
    const bytes = await readSecureFile(this.#path)
    if (!bytes) return undefined
    try {
      return readKeyFile(bytes, this.#path)
    } finally {
      bytes.fill(0)
    }
  }
}

async function takeLock(lock: string): Promise<void> {
  try {
    const handle = await open(lock, 'wx', 0o600)
    await handle.close()
  } catch (cause) {
    throw new CacheError(
      'KEY_UNAVAILABLE',
      `The keys are being changed by another process; if there is none, remove ${lock}`,
      { cause },
    )
  }
}
