import { createCaches, systemClock } from '@cache/core'
import { encryption } from '@cache/crypto'
import { memory } from '@cache/memory'
import { describe, expect, it } from 'vitest'

import { KeyRotation } from '../src/diagnostics/key-rotation.ts'
import { temporaryDirectory } from './support/running-server.ts'
import { whenOver } from './support/when-over.ts'

describe('the rotation of keys', () => {
  it('seals every entry with a new key, one rotation at a time, and tells how far it is', async () => {
    const directory = await temporaryDirectory()
    const keyed = encryption({ keyFile: `${directory}/.cache_key` })
    const sealed = await createCaches({ backend: memory(), protection: keyed })
    whenOver(() => sealed.close())
    const secret = sealed.define<number>('secret', { sensitive: true })
    await secret.setMany(Array.from({ length: 250 }, (_, at) => [at, at] as const))
    const rotation = new KeyRotation({ caches: sealed, protection: keyed, clock: systemClock })
    const [before] = rotation.status.keys
    expect(rotation.begin({ newKey: true }).phase).toBe('running')
    expect(() => rotation.begin({ newKey: true })).toThrow('being rotated already')
    await expect.poll(() => rotation.status.phase).toBe('done')
    expect(rotation.status).toMatchObject({ progress: { resealed: 250, unreadable: 0 }, fault: undefined })
    const { keys } = rotation.status
    expect(keys.map(({ id, state }) => [id === before?.id, state])).toEqual([
      [true, 'decrypt-only'],
      [false, 'primary'],
    ])
    expect(JSON.stringify(rotation.status)).not.toContain('secret"')
    expect(await secret.get(7)).toBe(7)
  })

  it('says when it was cut short, and goes on later', async () => {
    const directory = await temporaryDirectory()
    const keyed = encryption({ keyFile: `${directory}/.cache_key` })
    const sealed = await createCaches({ backend: memory(), protection: keyed })
    whenOver(() => sealed.close())
    const secret = sealed.define<number>('secret', { sensitive: true })
    await secret.setMany(Array.from({ length: 500 }, (_, at) => [at, at] as const))
    const rotation = new KeyRotation({ caches: sealed, protection: keyed, clock: systemClock })
    rotation.begin({ newKey: true })
    await rotation.close()
    expect(rotation.status.phase).toBe('stopped')
    rotation.begin({ newKey: false })
    await expect.poll(() => rotation.status.phase).toBe('done')
    expect(rotation.status.keys).toHaveLength(2)
  })
})
