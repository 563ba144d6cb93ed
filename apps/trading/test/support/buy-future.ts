import { expect } from 'vitest'

import type { Client } from './client.ts'

/** Buys one lot of the first future found and waits for the fill. */
export async function buyFuture(client: Client): Promise<string> {
  const { body: found } = await client.get('/web/symbols?q=NIFTY%20FUT&exchange=NFO')
  const { symbol, exchange, lotSize } = found.results[0]
  const order = { symbol, exchange, action: 'BUY', product: 'NRML', quantity: lotSize }
  const { status, body } = await client.post('/web/orders', order)
  expect(status).toBe(201)
  const isComplete = ({ orders }: { orders: { orderId: string; status: string }[] }): boolean =>
    orders.some(({ orderId, status: state }) => orderId === body.orderId && state === 'complete')
  await client.until('/web/orders', isComplete)
  return symbol
}
