import { ServerScript } from './node-session.ts'
import {
  acquireSource,
  changesSource,
  changeSource,
  countSource,
  fillSource,
  helloSource,
  purgeSource,
  putSource,
  readSource,
  releaseSource,
  renewSource,
  leasesSource,
  scanSource,
  sweepSource,
} from './scripts/sources.ts'

/** Every script of a backend. */
export interface RespScripts {
  readonly hello: ServerScript
  readonly read: ServerScript
  readonly acquire: ServerScript
  readonly renew: ServerScript
  readonly release: ServerScript
  readonly fill: ServerScript
  readonly put: ServerScript
  readonly change: ServerScript
  readonly changes: ServerScript
  readonly scan: ServerScript
  readonly leases: ServerScript
  readonly count: ServerScript
  readonly purge: ServerScript
  readonly sweep: ServerScript
}

/** On a cluster, changes are published to the slot's own nodes only. */
export function respScripts(isCluster: boolean): RespScripts {
  const publish = isCluster ? 'SPUBLISH' : 'PUBLISH'
  return {
    hello: new ServerScript(helloSource(publish)),
    read: new ServerScript(readSource),
    acquire: new ServerScript(acquireSource),
    renew: new ServerScript(renewSource),
    release: new ServerScript(releaseSource),
    fill: new ServerScript(fillSource),
    put: new ServerScript(putSource(publish)),
    change: new ServerScript(changeSource(publish)),
    changes: new ServerScript(changesSource),
    scan: new ServerScript(scanSource),
    leases: new ServerScript(leasesSource),
    count: new ServerScript(countSource),
    purge: new ServerScript(purgeSource),
    sweep: new ServerScript(sweepSource),
  }
}
