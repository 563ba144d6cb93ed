import { beforeAll, describe, expect, it } from 'vitest'

import type { Client } from './support/client.ts'
import { readyApp } from './support/ready-app.ts'
import type { RunningServer } from './support/running-server.ts'
import { TelegramServer } from './support/telegram-server.ts'

const chat = 77

let telegram: TelegramServer
let server: RunningServer
let client: Client

beforeAll(async () => {
  telegram = await TelegramServer.start()
  const env = { TELEGRAM_BOT_TOKEN: telegram.token, TELEGRAM_API_ROOT: telegram.address }
  const ready = await readyApp(env)
  server = ready.server
  client = ready.client
})

/** Says something and gives the answer to it. */
async function answerTo(text: string, from = chat): Promise<string> {
  const before = telegram.sent.length
  telegram.say(from, text)
  const answer = () => telegram.sent.slice(before).find(({ chat_id }) => chat_id === from)?.text
  await expect.poll(answer, { timeout: 30_000 }).toBeDefined()
  return answer() ?? ''
}

describe('the bot', () => {
  it('tells a stranger nothing', async () => {
    expect(await answerTo('/positions')).toContain('Link this chat first')
    expect(await answerTo('/link guessed')).toContain('not known any more')
  })

  it('links a chat with a code that works once', async () => {
    const { body } = await client.post('/web/telegram/code')
    expect(await answerTo(`/link ${body.code}`)).toContain('Linked to asha')
    expect(await answerTo(`/link ${body.code}`, 78)).toContain('not known any more')
    expect((await client.get('/web/telegram')).body).toMatchObject({
      available: true,
      linked: { chatId: chat, username: 'asha_k' },
      preferences: { orders: true, strategies: true },
    })
  })

  it('tells status, positions, orders and money', async () => {
    expect(await answerTo('/status')).toContain('connected (SIM001)')
    expect(await answerTo('/positions')).toBe('No open positions.')
    expect(await answerTo('/orders')).toBe('No orders.')
    expect(await answerTo('/funds')).toContain('Available: ₹10,00,000.00')
    expect(await answerTo('hello')).toContain('/status')
  })

  it('keeps preferences, and tells of orders only to those who want it', async () => {
    expect(await answerTo('/set orders off')).toContain('Orders: off')
    expect(await answerTo('/set orders maybe')).toContain('Say /set orders on')
    expect(await answerTo('/preferences')).toContain('Orders: off')
    expect(await answerTo('/set strategies on')).toContain('Strategies: on')
  })

  it('passes on what workflows say', async () => {
    const steps = [{ kind: 'notify', text: 'Breakout at {{level}}' }]
    const { body } = await client.post('/web/workflows', { name: 'Alerts', steps })
    const before = telegram.sent.length
    await client.post(body.webhook, { level: 25000 })
    await expect.poll(() => telegram.sent.slice(before).at(-1)?.text).toBe('Alerts: Breakout at 25000')
  })

  it('forgets a chat that is unlinked, and never logs its token', async () => {
    expect(await answerTo('/unlink')).toContain('linked to nobody')
    expect(await answerTo('/status')).toContain('Link this chat first')
    expect((await client.get('/web/telegram')).body.linked).toBeNull()
    expect(server.log()).not.toContain(telegram.token)
  })
})
