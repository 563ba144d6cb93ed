import { ok } from 'node:assert/strict'

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'

import type { Answer, Client } from './client.ts'

type Responses = Readonly<
  Record<string, { readonly content: Readonly<Record<string, { readonly schema: object }>> }>
>

type Paths = Readonly<Record<string, Readonly<Record<string, { readonly responses: Responses }>>>>

/** What the app says of its own API, to hold its answers against. */
export class ApiDescription {
  readonly #paths: Paths
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true })
  readonly #checks = new Map<string, ValidateFunction>()

  private constructor(paths: Paths) {
    this.#paths = paths
  }

  static async of(client: Client): Promise<ApiDescription> {
    return new ApiDescription((await client.get('/api/v1/openapi.json')).body.paths)
  }

  /** Fails the test for a status or a body that is not described. */
  check(path: string, method: 'get' | 'post', { status, body }: Answer): void {
    const place = `${method} ${path} ${status}`
    let check = this.#checks.get(place)
    if (check === undefined) {
      const schema = this.#paths[path]?.[method]?.responses[status]?.content['application/json']?.schema
      ok(schema, `${place} is not described`)
      this.#checks.set(place, (check = this.#ajv.compile(schema)))
    }
    ok(check(body), `${place}: ${this.#ajv.errorsText(check.errors)}`)
  }
}
