import { connect, type Socket } from 'node:net'

/** What came back, and how many bytes of it. */
export interface Reply {
  readonly status: number
  readonly bytes: number
}

const end = Buffer.from('\r\n\r\n')

/**
 * One connection that is kept, for one request at a time: the least that a client can cost, since it shares the
 * machine with what is measured. Reads answers with a content-length, which the app gives.
 */
export class HttpConnection {
  readonly #socket: Socket
  #waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void } | undefined
  #parts: Buffer[] = []
  #received = 0
  #expected: number | undefined
  #status = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (part) => this.#take(part))
    socket.on('close', () => this.#waiting?.reject(new Error('The app closed a connection')))
    socket.on('error', (error) => this.#waiting?.reject(error))
  }

  static open(port: number): Promise<HttpConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new HttpConnection(socket)))
      socket.once('error', reject)
    })
  }

  /** Sends a whole request. */
  send(request: Buffer): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#socket.write(request)
    })
  }

  close(): void {
    this.#waiting = undefined
    this.#socket.destroy()
  }

  #take(part: Buffer): void {
    this.#received += part.length
    if (this.#expected === undefined) {
      this.#parts.push(part)
      this.#readHead()
    }
    if (this.#expected === undefined || this.#received < this.#expected) return
    const reply = { status: this.#status, bytes: this.#received }
    const { resolve } = this.#waiting ?? {}
    this.#waiting = undefined
    this.#parts = []
    this.#received = 0
    this.#expected = undefined
    resolve?.(reply)
  }

  #readHead(): void {
    const all = Buffer.concat(this.#parts)
    const headEnds = all.indexOf(end)
    if (headEnds < 0) return
    const head = all.toString('latin1', 0, headEnds)
    this.#status = Number(head.slice(9, 12))
    const length = /content-length: (\d+)/i.exec(head)?.[1]
    this.#expected = headEnds + end.length + Number(length ?? 0)
  }
}

/** A request with a JSON body, as bytes. */
export function postRequest(path: string, body: object): Buffer {
  const text = JSON.stringify(body)
  const head = [
    `POST ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(text)}`,
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${text}`)
}
