import { newEntry } from '@cache/conformance'
import { childStore, say } from './child-store.ts'

/** Writes for ever and says the number of each write once it is acknowledged. */
const [directory = ''] = process.argv.slice(2)
const { store } = await childStore(directory)
for (let number = 0; ; number++) {
  await store.change([
    { kind: 'set', key: `key${number % 50}`, entry: newEntry({ payload: String(number) }) },
  ])
  say(String(number))
}
