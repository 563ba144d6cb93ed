import { newEntry } from '@cache/conformance'
import { childStore } from './child-store.ts'

const [directory = '', times = '0'] = process.argv.slice(2)
const { backend, store } = await childStore(directory)
for (let done = 0; done < Number(times);) {
  const [entry] = (await store.read(['counter'])).entries
  if (!entry) throw new Error('the counter is gone')
  const { outcomes } = await store.change([
    {
      kind: 'set',
      key: 'counter',
      entry: newEntry({ payload: String(Number(entry.payload) + 1) }),
      when: { kind: 'revision', revision: entry.revision },
    },
  ])
  if (outcomes[0] === 'applied') done++
}
await backend.close()
