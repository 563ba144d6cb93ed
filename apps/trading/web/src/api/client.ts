import type { SessionAnswer } from './types.ts'

/** Why the server did not do what was asked, in words for people. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly status: number
  readonly code: string | undefined
  readonly fields: Readonly<Record<string, readonly string[]>>

  constructor(status: number, body: ErrorBody) {
    super(typeof body.message === 'string' ? body.message : 'The server did not understand this')
    this.status = status
    this.code = body.code
    this.fields = body.errors ?? {}
  }
}

interface ErrorBody {
  readonly message?: unknown
  readonly code?: string
  readonly errors?: Readonly<Record<string, readonly string[]>>
}

/** Fires when the server no longer knows the session. */
export const signedOut = new EventTarget()

let csrfToken = ''

/** Remembers what every change has to carry. */
export function rememberToken(session: SessionAnswer): void {
  csrfToken = session.signedIn ? session.csrfToken : ''
}

export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return send<T>(path, signal === undefined ? {} : { signal })
}

export function post<T>(path: string, body: unknown = {}): Promise<T> {
  return send<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-csrf-token': csrfToken },
    body: JSON.stringify(body),
  })
}

async function send<T>(path: string, init: RequestInit): Promise<T> {
  const failed = (cause: unknown): never => {
    if (init.signal?.aborted === true) throw cause
    throw new RequestError(0, { message: 'The app can’t be reached. Is it still running?' })
  }
  const response = await fetch(path, init).catch(failed)
  // An answer may break off, or be given up, after its head has come: then there is none.
  const body = parsedJson(await response.text().catch(failed))
  if (response.ok) return body as T
  const error = new RequestError(response.status, body as ErrorBody)
  if (error.code === 'SIGNED_OUT' || error.code === 'CSRF') signedOut.dispatchEvent(new Event('signedout'))
  throw error
}

/** Answers without content, and pages of errors that a proxy has made, say nothing that is used. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return {}
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
