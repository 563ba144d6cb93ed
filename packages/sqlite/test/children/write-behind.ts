import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCaches, WriteBehind } from '@cache/core'
import { memory } from '@cache/memory'
import { sqliteJournal } from '../../src/index.ts'
import { say } from './child-store.ts'

/** Writes counters without end, each acknowledged by a line; what reaches the source is a line of a file. */
const [directory = ''] = process.argv.slice(2)
const caches = await createCaches({ backend: memory() })
const journal = sqliteJournal({ file: join(directory, 'writes.journal'), durability: 'normal' })
const source = join(directory, 'source.txt')
const queue = new WriteBehind<number>(
  caches.define('counters'),
  async (entries) => {
    for (const [key, value] of entries) appendFileSync(source, `${String(key)} ${value}\n`)
  },
  { journal, delay: 15 },
)
say(`restored ${await queue.restore()}`)
for (let value = 1; ; value++) {
  await queue.set(`k${value % 7}`, value)
  say(`k${value % 7} ${value}`)
  // Timers have their turn as well.
  if (value % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
}
