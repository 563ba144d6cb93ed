import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'

import type { ApiGroup } from './api-caller.ts'

const about = `Routes, fields, messages and status codes are OpenAlgo's. Every call carries the key \`apikey\`, made under
Connections in the web console.`

const groups = [
  { name: 'Orders', description: 'Placing, changing and cancelling orders' },
  { name: 'Account', description: 'What the account holds and has done' },
  { name: 'Market data', description: 'Prices now, around and before' },
  { name: 'Instruments', description: 'What can be traded' },
  { name: 'Calendar', description: 'When markets are open' },
] satisfies { readonly name: ApiGroup; readonly description: string }[]

/** Describes the routes that are added after this, as OpenAPI, at \`/api/v1/openapi.json\`. */
export async function addApiDescription(server: FastifyInstance): Promise<void> {
  // Bodies are checked with words for people where they are used; the description only describes.
  server.setValidatorCompiler(() => (value) => ({ value }))
  server.setSerializerCompiler(() => JSON.stringify)
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Trading app', version: '1.0.0', description: about },
      servers: [{ url: '/', description: 'This instance' }],
      tags: groups,
    },
    hideUntagged: true,
  })
  server.get('/api/v1/openapi.json', () => server.swagger())
}
