import { Injectable } from '@nestjs/common'

export interface User {
  readonly id: string
  readonly name: string
}

/** The source of truth: a table, as far as the example needs one. */
@Injectable()
export class UserTable {
  readonly #names = new Map([['1', 'Ada']])
  /** How often it was asked. */
  reads = 0

  async find(id: string): Promise<User | undefined> {
    this.reads++
    const name = this.#names.get(id)
    return name === undefined ? undefined : { id, name }
  }

  async rename(id: string, name: string): Promise<User | undefined> {
    if (!this.#names.has(id)) return undefined
    this.#names.set(id, name)
    return { id, name }
  }
}
