import { neverLoaded, ttlMs, type Quote } from '../values.ts'

/** What the adapters use of a BentoCache, whatever its stores are. */
export interface Bento {
  get(options: { key: string }): Promise<unknown>
  set(options: { key: string; value: unknown; ttl: number }): Promise<unknown>
  getOrSet(options: { key: string; factory: () => Promise<unknown>; ttl: number }): Promise<unknown>
  delete(options: { key: string }): Promise<unknown>
  disconnectAll(): Promise<void>
}

interface BentoContender {
  readonly set: (key: string, value: Quote) => Promise<unknown>
  readonly get: (key: string) => Promise<unknown>
  readonly getOrLoad: (key: string) => Promise<unknown>
}

export function bentoContender(bento: Bento): BentoContender {
  return {
    set: (key, value) => bento.set({ key, value, ttl: ttlMs }),
    get: (key) => bento.get({ key }),
    getOrLoad: (key) => bento.getOrSet({ key, factory: neverLoaded, ttl: ttlMs }),
  }
}
