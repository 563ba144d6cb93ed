import { hostname } from 'node:os'

import type { FastifyInstance, FastifyRequest } from 'fastify'

import type { Values } from '../config/variables.ts'
import { RequestFault } from './request-fault.ts'

const loopbackNames = ['localhost', '127.0.0.1', '[::1]']

/**
 * Refuses requests that a page of another site could have caused: those for a host name that isn't ours (a foreign
 * name that was pointed at this machine), and changes that come from another origin.
 */
export function guardHosts(server: FastifyInstance, values: Values): void {
  const hosts = allowedHosts(values)
  server.addHook('onRequest', async (request) => {
    if (hosts !== undefined && !hosts.has(request.hostname.toLowerCase())) {
      throw new RequestFault(
        421,
        `This server does not answer for ${request.hostname}; set PUBLIC_URL to allow it`,
      )
    }
    if (request.method !== 'GET' && request.method !== 'HEAD' && isForeign(request)) {
      throw new RequestFault(403, 'This request comes from another site')
    }
  })
}

/** `undefined` when the server listens to other machines: their names for it can't be known. */
function allowedHosts({ HOST, PUBLIC_URL }: Values): ReadonlySet<string> | undefined {
  const local = HOST === 'localhost' || HOST.startsWith('127.') || HOST === '::1'
  if (PUBLIC_URL === undefined && !local) return undefined
  return new Set([
    ...loopbackNames,
    HOST.toLowerCase(),
    // How monitoring on the same network asks. A name with a dot could be somebody else's site: PUBLIC_URL names those.
    ...(hostname().includes('.') ? [] : [hostname().toLowerCase()]),
    ...(PUBLIC_URL === undefined ? [] : [PUBLIC_URL.hostname]),
  ])
}

/** Newer browsers say it themselves; otherwise the origin must be the address that was asked. */
function isForeign({ headers, host }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const { origin } = headers
  if (origin === undefined) return false
  return !URL.canParse(origin) || new URL(origin).host !== host
}
