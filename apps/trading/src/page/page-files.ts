import { join } from 'node:path'

import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

import { answerUnknownRoute } from '../server/fault-answers.ts'

/** Paths that are never a view of the page. */
const serverPaths =
  /^\/(api|web|assets|diagnostics|broker|simulated-broker|strategy|flow|metrics|health)(\/|$)/

/** Serves the built page: files by their name, and `index.html` for every view's address. */
export async function addPage(server: FastifyInstance, directory: string): Promise<void> {
  await server.register(fastifyStatic, {
    root: directory,
    wildcard: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      const named = path.startsWith(join(directory, 'assets'))
      void reply.header('cache-control', named ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  server.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?', 1)
    const isView = request.method === 'GET' && !serverPaths.test(path) && !path.includes('.')
    return isView ? reply.sendFile('index.html') : answerUnknownRoute(request, reply)
  })
}
