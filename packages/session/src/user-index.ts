import { createHash } from 'node:crypto'
import type { Cache } from '@cache/core'

/** A session in the list of its user. */
export interface ListedSession {
  readonly handle: string
  readonly createdAtMs: number
}

/** What the tag and the entry of a user are named after; says nothing about who it is. */
export function userTag(user: string): string {
  return `user-${createHash('sha256').update(user).digest('base64url')}`
}

/** The sessions of each user, changed without losing one another's changes. */
export class UserIndex {
  readonly #lists: Cache<readonly ListedSession[]>
  readonly #areLive: (handles: readonly string[]) => Promise<readonly boolean[]>

  constructor(
    lists: Cache<readonly ListedSession[]>,
    areLive: (handles: readonly string[]) => Promise<readonly boolean[]>,
  ) {
    this.#lists = lists
    this.#areLive = areLive
  }

  /** Lists a session, in the place of `instead`; gives back those that are one too many, oldest first. */
  async add(
    user: string,
    session: ListedSession,
    most: number,
    instead?: string,
  ): Promise<readonly string[]> {
    let surplus: readonly ListedSession[] = []
    await this.#lists.update(userTag(user), async (list = []) => {
      const others = list.filter(({ handle }) => handle !== session.handle && handle !== instead)
      const live = await this.#areLive(others.map(({ handle }) => handle))
      const all = [...others.filter((_, index) => live[index]), session]
      const ordered = all.toSorted((one, other) => one.createdAtMs - other.createdAtMs)
      surplus = ordered.slice(0, Math.max(0, ordered.length - most))
      return ordered.slice(surplus.length)
    })
    return surplus.map(({ handle }) => handle)
  }

  async list(user: string): Promise<readonly ListedSession[]> {
    return (await this.#lists.update(userTag(user), () => undefined)) ?? []
  }

  async forget(user: string): Promise<void> {
    await this.#lists.delete(userTag(user))
  }

  async clear(): Promise<void> {
    await this.#lists.clear()
  }
}
