import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import fastify, { type FastifyInstance } from 'fastify'

import type { Configuration } from '../config/configuration.ts'
import { logOptions } from './log-options.ts'
import { RequestLog } from './request-log.ts'
import { answerFault } from './fault-answers.ts'
import { guardHosts } from './host-guard.ts'
import type { Leaving } from './leaving.ts'

const bodyLimitBytes = 256 * 1024
const requestTimeoutMs = 30_000

/** The bare HTTP server: logging, headers, limits and the shape of errors; no routes yet. */
export function createServer({ values }: Configuration, leaving: Leaving): FastifyInstance {
  const server = fastify({
    logger: logOptions(values.LOG_LEVEL),
    logController: new RequestLog(),
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    // Whoever closes it sees to what is under way.
    forceCloseConnections: false,
    return503OnClosing: false,
    trustProxy: values.PUBLIC_URL === undefined ? false : values.TRUSTED_PROXIES,
    routerOptions: { ignoreTrailingSlash: true },
  })
  server.removeContentTypeParser('text/plain')
  server.setErrorHandler(answerFault)
  leaving.watch(server)
  guardHosts(server, values)
  return server
}

/** Headers that keep other sites out of the page. */
export async function addProtection(
  server: FastifyInstance,
  { https }: { readonly https: boolean },
): Promise<void> {
  await server.register(cookie)
  await server.register(helmet, {
    strictTransportSecurity: https,
    referrerPolicy: { policy: 'same-origin' },
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
      },
    },
  })
}
