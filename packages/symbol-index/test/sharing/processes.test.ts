import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'

import { afterEach, describe, expect, it } from 'vitest'

import { useDirectory } from '../fixtures/directory.ts'

const directory = useDirectory()
const members: Member[] = []

afterEach(() => {
  for (const member of members.splice(0)) member.kill()
})

interface Message {
  readonly type: string
  readonly hash?: string
  readonly token?: string
  readonly size?: number
  readonly looks?: number
  readonly faults?: number
}

/** One process of the share. */
class Member {
  readonly #process: ChildProcess
  readonly #messages: Message[] = []
  #wake: () => void = () => undefined

  constructor(snapshots: string) {
    this.#process = fork(join(import.meta.dirname, 'member.ts'), [directory.path('db'), snapshots])
    this.#process.on('message', (message: Message) => {
      this.#messages.push(message)
      this.#wake()
    })
    members.push(this)
  }

  send(type: string, generation = 0): void {
    this.#process.send({ type, generation })
  }

  /** The first message that fits, past or to come. */
  async message(type: string, token?: string): Promise<Message> {
    for (;;) {
      const found = this.#messages.find(
        (one) => one.type === type && (token === undefined || one.token === token),
      )
      if (found !== undefined) return found
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }
}

describe.each([
  ['a directory', () => directory.path('snapshots')],
  ['the backend itself', () => ''],
])('processes that share through %s', (_, snapshots) => {
  it('all swap to what one of them imports, and none ever sees an empty or mixed set', async () => {
    const [first, second, third] = [1, 2, 3].map(() => new Member(snapshots())) as [Member, Member, Member]
    for (const member of [first, second, third]) await member.message('ready')
    for (let generation = 1; generation <= 6; generation++) {
      const importer = [first, second, third][generation % 3] ?? first
      importer.send('import', generation)
      for (const member of [first, second, third]) await member.message('swapped', `${generation}-0`)
    }
    for (const member of [first, second, third]) {
      member.send('report')
      const { looks = 0, faults } = await member.message('report')
      expect(faults).toBe(0)
      expect(looks).toBeGreaterThan(5)
    }
    const late = new Member(snapshots())
    expect(await late.message('ready')).toMatchObject({ size: 20, token: '6-0' })
  }, 120_000)

  it('keep what they have when the one that imports is killed, and follow the next', async () => {
    const [first, second] = [new Member(snapshots()), new Member(snapshots())]
    for (const member of [first, second]) await member.message('ready')
    first.send('import', 1)
    await second.message('swapped', '1-0')
    first.send('import', 2)
    first.kill()
    const third = new Member(snapshots())
    expect((await third.message('ready')).size).toBe(20)
    third.send('import', 3)
    await second.message('swapped', '3-0')
    second.send('report')
    expect(await second.message('report')).toMatchObject({ faults: 0 })
  }, 120_000)
})
