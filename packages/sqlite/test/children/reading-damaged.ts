import { newEntry } from '@cache/conformance'
import { childStore, heard, say } from './child-store.ts'

/** Meets a damaged file at the same moment as others do, and goes on with the new one. */
const [directory = '', name = ''] = process.argv.slice(2)
const { backend, store } = await childStore(directory)
say('ready')
await heard()
await store.read(['lost'])
await store.change([{ kind: 'set', key: name, entry: newEntry({ payload: name }) }])
say('written')
await heard()
await backend.close()
process.exit(0)
