import type { KeyMaterial } from './key-material.ts'

/** Where keys come from. */
export interface KeySource {
  /** For messages: `the key file db/.cache_key`. */
  readonly description: string
  /**
   * The keys, as copies that the caller may overwrite; `undefined` if there are none and {@link create} can make them.
   *
   * @throws CacheError `KEY_UNAVAILABLE`
   */
  load(report: (message: string) => void): Promise<KeyMaterial | undefined>
  /** Makes the first keys, or loads those that another process made at the same moment. */
  readonly create?: ((createdAt: string) => Promise<KeyMaterial>) | undefined
  /**
   * Changes the keys for every process that loads them.
   *
   * @throws CacheError `KEY_UNAVAILABLE`; what `edit` throws
   */
  readonly change?: ((edit: (material: KeyMaterial) => KeyMaterial) => Promise<KeyMaterial>) | undefined
}
