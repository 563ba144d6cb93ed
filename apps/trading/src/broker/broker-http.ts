import { setTimeout as sleep } from 'node:timers/promises'

import { BrokerError, type BrokerErrorCode, brokerErrorCodes } from './broker-adapter.ts'
import type { BrokerEndpoint } from './broker-endpoint.ts'

const timeoutMs = 30_000
const downloadTimeoutMs = 10 * 60_000
const patienceMs = 2000
const firstWaitMs = 50

export interface BrokerRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly token?: string | undefined
  readonly body?: object | undefined
  /** Something large, which takes longer than an answer. */
  readonly download?: boolean | undefined
}

/** Speaks HTTP with a broker, within its limits: what it refuses for coming too fast is sent again a little later. */
export class BrokerHttp {
  readonly #endpoint: BrokerEndpoint
  /** First part of the path → requests sent, again or for the first time. */
  readonly calls = new Map<string, number>()

  constructor(endpoint: BrokerEndpoint) {
    this.#endpoint = endpoint
  }

  /** The answer's JSON; `undefined` where it has none. */
  async json<T>(request: BrokerRequest): Promise<T> {
    const response = await this.send(request)
    return (response.status === 204 ? undefined : await read(() => response.json())) as T
  }

  /** @throws BrokerError */
  async send(request: BrokerRequest): Promise<Response> {
    for (let waitMs = firstWaitMs; ; waitMs *= 2) {
      const response = await this.#fetch(request)
      if (response.ok) return response
      const error = await errorOf(response)
      if (error.code !== 'RATE_LIMITED' || waitMs > patienceMs) throw error
      await sleep(waitMs)
    }
  }

  async #fetch({ method, path, token, body, download = false }: BrokerRequest): Promise<Response> {
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    const name = path.split('/', 2)[1] ?? ''
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1)
    const address = await this.#endpoint.address()
    return read(() =>
      fetch(address + path, {
        method,
        headers,
        signal: AbortSignal.timeout(download ? downloadTimeoutMs : timeoutMs),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    )
  }
}

/** Whatever fails on the way means that the broker can't be reached. */
async function read<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (cause) {
    throw new BrokerError('UNAVAILABLE', 'The broker can not be reached; try again in a moment', { cause })
  }
}

async function errorOf(response: Response): Promise<BrokerError> {
  const body = await response.json().catch(() => undefined)
  const { code, message } = (body ?? {}) as { readonly code?: BrokerErrorCode; readonly message?: string }
  const known = code !== undefined && brokerErrorCodes.includes(code)
  return new BrokerError(
    known ? code : 'UNAVAILABLE',
    message ?? `The broker answered with status ${response.status}`,
  )
}
