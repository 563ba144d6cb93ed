import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { whenOver } from './when-over.ts'

export interface SentMessage {
  readonly chat_id: number
  readonly text: string
}

/** Stands in for the Bot API: hands out what the test says, and keeps what the bot answers. */
export class TelegramServer {
  readonly sent: SentMessage[] = []
  readonly token = '123456:test-token'
  readonly #updates: object[] = []
  readonly #server: Server
  #count = 0

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(): Promise<TelegramServer> {
    const server = createServer()
    const telegram = new TelegramServer(server)
    server.on('request', (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const body: unknown = JSON.parse(Buffer.concat(chunks).toString() || '{}')
        const method = (request.url ?? '').split('/').at(-1) ?? ''
        const isOurs = request.url?.startsWith(`/bot${telegram.token}/`) === true
        response.writeHead(isOurs ? 200 : 401, { 'content-type': 'application/json' })
        const refusal = { ok: false, error_code: 401, description: 'Unauthorized' }
        response.end(JSON.stringify(isOurs ? { ok: true, result: telegram.#answer(method, body) } : refusal))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    whenOver(() => {
      server.closeAllConnections()
      server.close()
    })
    return telegram
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** A person writes in a chat. */
  say(chatId: number, text: string, username = 'Asha_K'): void {
    const length = text.split(' ', 1)[0]?.length ?? 0
    const entities = text.startsWith('/') ? [{ type: 'bot_command', offset: 0, length }] : []
    const from = { id: chatId, is_bot: false, first_name: 'Asha', username }
    const chat = { id: chatId, type: 'private', first_name: 'Asha' }
    this.#count++
    const message = { message_id: this.#count, date: 1, chat, from, text, entities }
    this.#updates.push({ update_id: this.#count, message })
  }

  #answer(method: string, body: unknown): unknown {
    if (method === 'getMe') return { id: 1, is_bot: true, first_name: 'Trading', username: 'trading_bot' }
    if (method === 'getUpdates') return this.#updates.splice(0)
    if (method !== 'sendMessage') return true
    this.sent.push(body as SentMessage)
    return { message_id: 1, date: 1, chat: { id: (body as SentMessage).chat_id, type: 'private' }, text: '' }
  }
}
