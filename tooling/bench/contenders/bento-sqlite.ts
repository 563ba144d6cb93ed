import type { SqliteContender } from '../workloads/sqlite.ts'
import { bentoContender, type Bento } from './bento-contender.ts'

/** BentoCache has no batch operations: its users start all at once. */
export function bentoSqliteContender(bento: Bento): SqliteContender {
  const { get, set, getOrLoad } = bentoContender(bento)
  return {
    get,
    set,
    getOrLoad,
    setMany: (entries) => Promise.all(entries.map(([key, value]) => set(key, value))),
    getMany: (keys) => Promise.all(keys.map(get)),
    delete: (key) => bento.delete({ key }),
    close: () => bento.disconnectAll(),
  }
}
