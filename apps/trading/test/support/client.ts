import { strictEqual } from 'node:assert/strict'

/** An answer with its body read. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into bodies of every shape
  readonly body: any
}

export const credentials = { name: 'asha', password: 'correct horse 7' }

/** A browser without a page: cookies, CSRF token, JSON. */
export class Client {
  readonly address: string
  cookie = ''
  csrf = ''

  constructor(address: string, from?: Client) {
    this.address = address
    this.cookie = from?.cookie ?? ''
    this.csrf = from?.csrf ?? ''
  }

  get(path: string): Promise<Answer> {
    return this.send(path, {})
  }

  post(path: string, body: unknown = {}): Promise<Answer> {
    return this.raw(path, JSON.stringify(body))
  }

  raw(path: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const type = { 'content-type': 'application/json', 'x-csrf-token': this.csrf }
    return this.send(path, { method: 'POST', body, headers: { ...type, ...headers } })
  }

  async send(path: string, init: RequestInit): Promise<Answer> {
    const headers = { cookie: this.cookie, ...(init.headers as Record<string, string> | undefined) }
    const response = await fetch(this.address + path, { ...init, headers, redirect: 'manual' })
    for (const cookie of response.headers.getSetCookie()) this.cookie = cookie.split(';', 1)[0] ?? ''
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') === true
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
  }

  async setUp(): Promise<void> {
    this.#take(await this.post('/web/setup', credentials))
  }

  async signIn(): Promise<void> {
    this.#take(await this.post('/web/sign-in', credentials))
  }

  /** Goes through the broker's page as a person would. */
  async connect(): Promise<Answer> {
    const { body } = await this.post('/web/broker/connect')
    const login = new URL(body.url, this.address)
    const form = new URLSearchParams({
      state: login.searchParams.get('state') ?? '',
      redirect_uri: login.searchParams.get('redirect_uri') ?? '',
      client_id: 'SIM001',
      answer: 'allow',
    })
    const consent = await this.send('/simulated-broker/authorize', { method: 'POST', body: form })
    strictEqual(consent.status, 303)
    return this.get(consent.headers.get('location') ?? '')
  }

  /** Downloads the master and waits until it is in use. */
  async download(): Promise<void> {
    strictEqual((await this.post('/web/master/download')).status, 202)
    await this.until('/web/master', ({ phase }) => phase !== 'importing')
  }

  /** Asks until the answer is as wanted. */
  async until(path: string, isRight: (body: Answer['body']) => boolean): Promise<Answer['body']> {
    for (;;) {
      const { body } = await this.get(path)
      if (isRight(body)) return body
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  async makeApiKey(): Promise<string> {
    const { status, body } = await this.post('/web/api-keys', { label: 'test' })
    strictEqual(status, 201)
    return body.key
  }

  #take({ status, body }: Answer): void {
    strictEqual(status, 200)
    this.csrf = body.csrfToken
  }
}
