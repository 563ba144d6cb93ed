/** Runs one contender, in this process, which was started for it: see symbols.bench.ts. */
import type { Contender, Task } from './contender.ts'
import { masterImport, snapshotLoad } from './contenders/index-loading.ts'
import { indexLookups } from './contenders/index-lookups.ts'
import { indexMemory } from './contenders/index-memory.ts'
import { indexSearch, searchEquality } from './contenders/index-search.ts'
import { concatenatedKeys, nestedMaps, plainMemory } from './contenders/plain-maps.ts'

const CONTENDERS: Readonly<Record<string, Contender>> = {
  'index-lookups': indexLookups,
  'nested-maps': nestedMaps,
  'concatenated-keys': concatenatedKeys,
  'index-memory': indexMemory,
  'plain-memory': plainMemory,
  'index-search': indexSearch,
  'search-equality': searchEquality,
  'snapshot-load': snapshotLoad,
  'master-import': masterImport,
}

const [name = '', task = '{}'] = process.argv.slice(2)
const contender = CONTENDERS[name]
if (contender === undefined) throw new Error(`No contender "${name}".`)
process.stdout.write(JSON.stringify(await contender(JSON.parse(task) as Task)))
