import type { App } from '../app.ts'
import {
  fundsAnswer,
  holdingsAnswer,
  orderBookAnswer,
  pingAnswer,
  positionBookAnswer,
  tradeBookAnswer,
} from './answers.ts'
import type { ApiGate } from './api-caller.ts'
import { fundsForm, holdingsForm, orderBookForm, positionForm, tradeForm } from './openalgo-forms.ts'

/** What the account holds and has done. */
export function accountRoutes(app: App, gate: ApiGate): void {
  const book = { group: 'Account', fields: {} } as const
  gate.route(
    { ...book, path: '/ping', answer: pingAnswer, summary: 'Whether the key is right' },
    async ({ userId }) => {
      return {
        status: 'success',
        data: { message: 'pong', broker: await app.connections.brokerName(userId) },
      }
    },
  )
  gate.route(
    { ...book, path: '/orderbook', answer: orderBookAnswer, summary: 'Orders of the account' },
    async ({ userId }) => {
      return { status: 'success', data: orderBookForm(await app.books.orders(userId)) }
    },
  )
  gate.route(
    { ...book, path: '/tradebook', answer: tradeBookAnswer, summary: 'Trades of the account' },
    async ({ userId }) => {
      return { status: 'success', data: (await app.books.trades(userId)).map(tradeForm) }
    },
  )
  gate.route(
    { ...book, path: '/positionbook', answer: positionBookAnswer, summary: 'Positions of the account' },
    async ({ userId }) => {
      return { status: 'success', data: (await app.books.positions(userId)).map(positionForm) }
    },
  )
  gate.route(
    { ...book, path: '/holdings', answer: holdingsAnswer, summary: 'Shares held from earlier days' },
    async ({ userId }) => {
      return { status: 'success', data: holdingsForm(await app.books.holdings(userId)) }
    },
  )
  gate.route(
    { ...book, path: '/funds', answer: fundsAnswer, summary: 'Money of the account' },
    async ({ userId }) => {
      return { status: 'success', data: fundsForm(await app.books.funds(userId)) }
    },
  )
}
