import { parseArgs } from 'node:util'

import { wholeNumberIn } from '../src/config/number-in.ts'

export const clusterUsage = `Three instances of the app behind nginx, with Valkey and PostgreSQL, on this machine:

  pnpm start:cluster [FLAGS]

  --port PORT        of nginx; default 8080, 0 takes any that is free
  --instances N      from 1 to 9; default 3
  --help             this text

Everything is started anew and forgotten at the end: Ctrl-C stops all of it.`

export interface ClusterFlags {
  readonly port: number
  readonly instances: number
}

/** @throws Error that says what is wrong */
export function readClusterFlags(args: readonly string[]): ClusterFlags {
  const { values } = parseArgs({
    args: args.filter((argument) => argument !== '--'),
    options: {
      port: { type: 'string', default: '8080' },
      instances: { type: 'string', default: '3' },
    },
  })
  return {
    port: wholeNumberIn('--port', values.port, { from: 0, to: 65_535 }),
    instances: wholeNumberIn('--instances', values.instances, { from: 1, to: 9 }),
  }
}
