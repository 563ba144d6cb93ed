import { Redis } from 'ioredis'
import { keyName } from './plan.ts'

/** The source of truth: a version for each key, in a server that nothing happens to. */
export class Truth {
  readonly #client: Redis

  constructor(url: string) {
    this.#client = new Redis(url)
  }

  async version(key: number): Promise<number> {
    return Number((await this.#client.get(keyName(key))) ?? 0)
  }

  async bump(key: number): Promise<number> {
    return this.#client.incr(keyName(key))
  }

  bumpAll(keys: readonly number[]): Promise<number[]> {
    return Promise.all(keys.map((key) => this.bump(key)))
  }
}
