import type { Cache, CacheKey, Clock, LoadContext } from '@cache/core'
import { canonicalHash } from './canonical-hash.ts'
import type { OwnedOptions } from './owned-cache.ts'
import { ownerTags, type Owners } from './owners.ts'

/** What an endpoint answered, and to what. */
export interface ApiResponse<R = unknown> {
  readonly endpoint: string
  readonly params: Readonly<Record<string, unknown>>
  readonly response: R
  readonly cachedAtMs: number
}

/** One request. Parameters are stored beside the response, so no secret may be among them. */
export interface ApiRequest {
  readonly endpoint: string
  readonly params?: Readonly<Record<string, unknown>> | undefined
}

/** Responses by endpoint and a hash of their parameters, whatever their order. */
export class ApiResponses {
  readonly cache: Cache<ApiResponse>
  readonly #clock: Clock

  constructor(cache: Cache<ApiResponse>, clock: Clock) {
    this.cache = cache
    this.#clock = clock
  }

  /** @throws CacheError `INVALID_KEY` when the parameters are not plain JSON data */
  async get<R>(request: ApiRequest): Promise<ApiResponse<R> | undefined> {
    return (await this.cache.get(keyOf(request))) as ApiResponse<R> | undefined
  }

  /** As `Cache.set`; the response goes when one of its owners is cleared. */
  async set(request: ApiRequest, response: unknown, options: Owners & OwnedOptions = {}): Promise<boolean> {
    const tags = ownerTags(options)
    return this.cache.set(keyOf(request), this.#record(request, response), { ttl: options.ttl, tags })
  }

  /** As `Cache.getOrLoad`; a loader that returns `undefined` has found nothing. */
  async getOrLoad<R>(
    request: ApiRequest,
    load: (context: LoadContext<ApiResponse>) => Promise<R | undefined> | R | undefined,
    options: Owners & OwnedOptions = {},
  ): Promise<ApiResponse<R> | undefined> {
    const { ttl, signal } = options
    const loader = async (context: LoadContext<ApiResponse>): Promise<ApiResponse | undefined> => {
      const response = await load(context)
      return response === undefined ? undefined : this.#record(request, response)
    }
    const found = await this.cache.getOrLoad(keyOf(request), loader, {
      ttl,
      signal,
      tags: ownerTags(options),
    })
    return found as ApiResponse<R> | undefined
  }

  async delete(request: ApiRequest): Promise<boolean> {
    return this.cache.delete(keyOf(request))
  }

  /** Every response of an endpoint; how many there were. `O(entries)`, in pages. */
  deleteEndpoint(endpoint: string): Promise<number> {
    const literal = endpoint
      .replaceAll('%', '%25')
      .replaceAll(':', '%3A')
      .replaceAll(/[*?\\]/g, String.raw`\$&`)
    return this.cache.deleteMatching(`${literal}:*`)
  }

  #record({ endpoint, params = {} }: ApiRequest, response: unknown): ApiResponse {
    return { endpoint, params, response, cachedAtMs: this.#clock.wallMs() }
  }
}

function keyOf({ endpoint, params = {} }: ApiRequest): CacheKey {
  return [endpoint, canonicalHash(params)]
}
