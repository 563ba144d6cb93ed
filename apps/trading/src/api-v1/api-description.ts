import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'

const about = `Routes, fields, messages and status codes are OpenAlgo's. Every call carries the key \`apikey\`, made under
Connections in the web console.`

/** Describes the routes that are added after this, as OpenAPI, at \`/api/v1/openapi.json\`. */
export async function addApiDescription(server: FastifyInstance): Promise<void> {
  // Bodies are checked with words for people where they are used; the description only describes.
  server.setValidatorCompiler(() => (value) => ({ value }))
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Trading app', version: '1.0.0', description: about },
    },
    hideUntagged: true,
  })
  server.get('/api/v1/openapi.json', () => server.swagger())
}
