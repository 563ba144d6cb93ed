import { CacheError, type Caches, type ResealOptions, type ResealProgress } from '@cache/core'
import type { KeyedProtection } from './keyed-protection.ts'

export interface RotateOptions extends ResealOptions {
  /**
   * What becomes of the keys before, if no entry needs them any more. Other processes go on sealing with them until
   * they have loaded the new key (`refresh`), so `'destroy'` is for the next rotation. Default `'keep'`.
   */
  readonly retire?: 'keep' | 'disable' | 'destroy' | undefined
}

export interface RotateResult extends ResealProgress {
  /** The id of the new primary key. */
  readonly key: string
  /** Keys that were retired. */
  readonly retired: readonly string[]
}

/**
 * Makes a new key the primary one and seals every entry of the caches defined here with it, while they are in use. When
 * it was cut short, `caches.reseal()` goes on.
 *
 * @throws CacheError `INVALID_OPTION`, `KEY_UNAVAILABLE`; as `Caches.reseal`
 */
export async function rotateKeys(
  caches: Caches,
  { keys }: KeyedProtection,
  options: RotateOptions = {},
): Promise<RotateResult> {
  const { retire = 'keep', ...pace } = options
  if (!['keep', 'disable', 'destroy'].includes(retire))
    throw new CacheError('INVALID_OPTION', `retire must be 'keep', 'disable' or 'destroy'`)
  const key = await keys.rotate()
  const progress = await caches.reseal(pace)
  const retired: string[] = []
  if (retire !== 'keep' && progress.unreadable === 0) {
    for (const { id, state } of keys.list()) {
      if (state !== 'decrypt-only') continue
      await (retire === 'disable' ? keys.disable(id) : keys.destroy(id))
      retired.push(id)
    }
  }
  return { ...progress, key, retired }
}
