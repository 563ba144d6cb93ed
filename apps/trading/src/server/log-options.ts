import type { FastifyServerOptions } from 'fastify'

import { terminalLog } from '../terminal/terminal-log.ts'

/** Never logged, wherever in a record they stand. */
const secretFields = ['apikey', 'password', 'token', 'code', 'state', 'cookie', 'authorization', 'key']

/** Requests are logged without query, headers and body: that is where secrets travel. */
export function logOptions(level: string): Exclude<FastifyServerOptions['logger'], boolean | undefined> {
  const onTerminal = process.stderr.isTTY
  const chosen = level === 'auto' ? (onTerminal ? 'warn' : 'info') : level
  return {
    level: chosen,
    stream: onTerminal ? terminalLog : process.stderr,
    redact: secretFields.flatMap((field) => [field, `*.${field}`]),
    serializers: {
      req: ({ method, url, ip }) => ({ method, path: pathOf(url ?? ''), ip }),
      res: ({ statusCode }) => ({ statusCode }),
    },
  }
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? ''
}
