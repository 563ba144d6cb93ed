import { BentoCache, bentostore } from 'bentocache'
import { redisDriver } from 'bentocache/drivers/redis'
import type { ServerAddress, ServerContender } from '../../workloads/server.ts'
import { bentoContender } from '../bento-contender.ts'

/** Without L1 and without its bus. It has no batch operations: its users start all at once. */
export function open({ url }: ServerAddress): ServerContender {
  const { hostname: host, port } = new URL(url)
  const server = bentostore().useL2Layer(redisDriver({ connection: { host, port: Number(port) } }))
  const bento = new BentoCache({ default: 'server', prefix: 'bento', stores: { server } })
  const { get, set, getOrLoad } = bentoContender(bento)
  return {
    get,
    set,
    getOrLoad: (key) => getOrLoad(key),
    setMany: (entries) => Promise.all(entries.map(([key, value]) => set(key, value))),
    getMany: (keys) => Promise.all(keys.map(get)),
    close: () => bento.disconnectAll(),
  }
}
