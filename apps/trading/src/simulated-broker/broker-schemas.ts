import { z } from 'zod'

import { intervals } from '../broker/broker-adapter.ts'
import { actions, priceTypes, products } from '../orders/order.ts'

/** What the broker takes. */

export const instrumentSchema = z.object({
  exchange: z.string().min(1).max(32),
  token: z.string().min(1).max(64),
  symbol: z.string().min(1).max(128),
})

const keySchema = z.tuple([z.string().max(32), z.string().max(64), z.string().max(128)])

export const keysSchema = z.object({
  keys: z.array(keySchema).max(500),
})

export const codeSchema = z.object({ code: z.string().min(1).max(200) })

const changeFields = {
  priceType: z.enum(priceTypes),
  quantity: z.number().int().positive().max(1e9),
  price: z.number().min(0).max(1e9),
  triggerPrice: z.number().min(0).max(1e9),
}

export const changeSchema = z.object(changeFields)

export const placeSchema = z.object({
  ticket: z.object({
    symbol: z.string().max(128),
    exchange: z.string().max(32),
    action: z.enum(actions),
    product: z.enum(products),
    strategy: z.string().max(64),
    ...changeFields,
  }),
})

export const candleSchema = z.object({
  interval: z.enum(Object.values(intervals).flat()),
  fromMs: z.number(),
  toMs: z.number(),
})

export const feedMessageSchema = z.discriminatedUnion('action', [
  z.object({ action: z.literal('authenticate'), token: z.string().max(200) }),
  z.object({
    action: z.enum(['subscribe', 'unsubscribe']),
    depth: z.boolean().default(false),
    keys: z.array(keySchema).max(3000),
  }),
])
