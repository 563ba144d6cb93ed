import { Bot, type Context, GrammyError } from 'grammy'

import type { App } from '../app.ts'
import { rupees } from '../orders/money.ts'
import type { Order } from '../orders/order.ts'
import { RequestFault } from '../server/request-fault.ts'
import type { RunLock, RunLocks } from '../strategies/run-locks.ts'
import type { TelegramPreferences, TelegramUser } from './telegram-users.ts'

export interface TelegramOptions {
  readonly token: string
  readonly apiRoot: string
  readonly locks: RunLocks
}

const commands = `/status – who you are here and whether the broker is connected
/positions – what you hold
/orders – today's orders
/funds – your money
/preferences – what you are told
/set orders on|off, /set strategies on|off
/unlink – ends the link of this chat`

const retryEveryMs = 5000
const shownOrders = 10

/** Answers chats that their owners have linked. One instance asks Telegram for messages; every instance can send. */
export class TelegramBot {
  readonly #app: App
  readonly #options: TelegramOptions
  readonly #bot: Bot
  readonly #timer: NodeJS.Timeout
  #lock: RunLock | undefined
  #polling: Promise<void> | undefined
  #closed = false

  constructor(app: App, options: TelegramOptions) {
    this.#app = app
    this.#options = options
    this.#bot = new Bot(options.token, { client: { apiRoot: options.apiRoot } })
    this.#addCommands()
    this.#bot.catch(({ error }) => app.log.warn({ err: plain(error) }, 'A message of Telegram failed'))
    this.#timer = setInterval(() => void this.#poll(), retryEveryMs)
    this.#timer.unref()
    void this.#poll()
  }

  /** Tells the owner of a linked chat, if the owner wants to know. */
  async notify(userId: number, about: keyof TelegramPreferences, text: string): Promise<void> {
    const user = await this.#app.telegramUsers.byUser(userId)
    if (user === undefined || !(await this.#app.telegramUsers.preferences(user))[about]) return
    await this.#bot.api.sendMessage(user.chatId, text).catch((error: unknown) => {
      this.#app.log.warn({ err: plain(error) }, 'A message to Telegram could not be sent')
    })
  }

  async order(userId: number, order: Order): Promise<void> {
    const { status, action, quantity, symbol, averagePrice, reason } = order
    if (status === 'complete') {
      await this.notify(userId, 'orders', `${action} ${quantity} ${symbol} done at ${rupees(averagePrice)}`)
    } else if (status === 'rejected') {
      await this.notify(userId, 'orders', `${action} ${quantity} ${symbol} was rejected: ${reason}`)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    if (this.#bot.isRunning()) await this.#bot.stop().catch(() => undefined)
    await this.#polling
    await this.#lock?.release().catch(() => undefined)
  }

  async #poll(): Promise<void> {
    if (this.#closed || this.#polling !== undefined) return
    this.#polling = this.#pollWhileLocked()
      .catch((error: unknown) => this.#app.log.warn({ err: plain(error) }, 'Telegram can not be reached'))
      .finally(() => (this.#polling = undefined))
    await this.#polling
  }

  async #pollWhileLocked(): Promise<void> {
    if (this.#lock === undefined || this.#lock.signal.aborted) {
      this.#lock = await this.#options.locks.tryAcquire('telegram')
    }
    if (this.#lock === undefined || this.#closed) return
    const lost = (): void => void this.#bot.stop()
    this.#lock.signal.addEventListener('abort', lost, { once: true })
    await this.#bot.start({ timeout: 20, allowed_updates: ['message'] })
  }

  #addCommands(): void {
    this.#bot.command(['start', 'link'], (context) => this.#link(context))
    this.#bot.command('help', (context) => context.reply(commands))
    this.#answer('status', (user) => this.#status(user))
    this.#answer('positions', (user) => this.#positions(user))
    this.#answer('orders', (user) => this.#orders(user))
    this.#answer('funds', (user) => this.#funds(user))
    this.#answer('preferences', async (user) =>
      shownPreferences(await this.#app.telegramUsers.preferences(user)),
    )
    this.#answer('set', (user, text) => this.#set(user, text))
    this.#answer('unlink', async ({ chatId }) => {
      await this.#app.telegramUsers.unlink({ chatId })
      return 'This chat is linked to nobody any more.'
    })
    this.#bot.on('message', (context) => context.reply(commands))
  }

  /** A command for linked chats only. */
  #answer(command: string, reply: (user: TelegramUser, text: string) => Promise<string>): void {
    this.#bot.command(command, async (context) => {
      const user = await this.#app.telegramUsers.byChat(context.chat.id)
      await context.reply(
        user === undefined
          ? 'Link this chat first: make a code in the web console.'
          : await told(reply, user, textOf(context)),
      )
    })
  }

  async #link(context: Context): Promise<void> {
    const code = textOf(context).trim()
    const chatId = context.chat?.id
    if (chatId === undefined) return
    if (code === '') {
      await context.reply(`Make a code in the web console and send it here: /link CODE\n\n${commands}`)
      return
    }
    const user = await this.#app.telegramUsers.link(
      code,
      chatId,
      (context.from?.username ?? '').toLowerCase(),
    )
    const owner = user && (await this.#app.users.get(user.userId))
    await context.reply(
      owner === undefined
        ? 'That code is not known any more. Make another one in the web console.'
        : `Linked to ${owner.name}.\n\n${commands}`,
    )
  }

  async #status({ userId }: TelegramUser): Promise<string> {
    const [owner, connection, mode] = await Promise.all([
      this.#app.users.get(userId),
      this.#app.connections.get(userId),
      this.#app.orderModes.of(userId),
    ])
    const broker = connection === undefined ? 'not connected' : `connected (${connection.account})`
    return `${owner?.name ?? 'Nobody'}\nBroker: ${broker}\nOrders: ${mode === 'live' ? 'go to the broker' : 'are only analyzed'}`
  }

  async #positions({ userId }: TelegramUser): Promise<string> {
    const open = (await this.#app.books.positions(userId)).filter(({ quantity }) => quantity !== 0)
    if (open.length === 0) return 'No open positions.'
    const lines = open.map(({ symbol, quantity, averagePrice, ltp, pnl }) => {
      return `${symbol}: ${quantity} at ${rupees(averagePrice)}, now ${rupees(ltp)}, ${rupees(pnl)}`
    })
    return lines.join('\n')
  }

  async #orders({ userId }: TelegramUser): Promise<string> {
    const orders = (await this.#app.books.orders(userId)).slice(0, shownOrders)
    if (orders.length === 0) return 'No orders.'
    return orders
      .map(({ action, quantity, symbol, status }) => `${action} ${quantity} ${symbol}: ${status}`)
      .join('\n')
  }

  async #funds({ userId }: TelegramUser): Promise<string> {
    const { availableCash, utilisedMargin, realisedPnl, unrealisedPnl } = await this.#app.books.funds(userId)
    return `Available: ${rupees(availableCash)}\nBlocked: ${rupees(utilisedMargin)}\nProfit and loss: ${rupees(realisedPnl + unrealisedPnl)}`
  }

  async #set(user: TelegramUser, text: string): Promise<string> {
    const match = /^(orders|strategies)\s+(on|off)$/i.exec(text.trim())
    if (match === null)
      return 'Say /set orders on, /set orders off, /set strategies on or /set strategies off.'
    const changes = { [String(match[1]).toLowerCase()]: match[2]?.toLowerCase() === 'on' }
    return shownPreferences(await this.#app.telegramUsers.setPreferences(user, changes))
  }
}

/** What is wrong, for the person, where it is the person's to mend. */
async function told(
  reply: (user: TelegramUser, text: string) => Promise<string>,
  user: TelegramUser,
  text: string,
): Promise<string> {
  try {
    return await reply(user, text)
  } catch (error) {
    if (error instanceof RequestFault) return error.message
    throw error
  }
}

function textOf({ match }: Context): string {
  return typeof match === 'string' ? match : ''
}

function shownPreferences({ orders, strategies }: TelegramPreferences): string {
  return `Orders: ${orders ? 'on' : 'off'}\nStrategies: ${strategies ? 'on' : 'off'}`
}

/** Errors of the library carry the address of the call, and that the token. */
function plain(error: unknown): { readonly message: string } {
  if (error instanceof GrammyError) return { message: error.description }
  return { message: error instanceof Error ? error.name : 'unknown' }
}
