import { z } from 'zod'

import { actions, priceTypes, products } from './order.ts'

const maxQuantity = 10_000_000

/** A number, or text that is one, as OpenAlgo's clients send it. */
function amount(message: string) {
  return z.union(
    [
      z.number(),
      z
        .string()
        .trim()
        .regex(/^-?\d+(\.\d+)?$/, 'Not a valid number.'),
    ],
    {
      error: ({ input }) => (input === undefined ? 'Missing data for required field.' : message),
    },
  )
}

const price = amount('Not a valid number.')
  .transform(Number)
  .refine((value) => value >= 0 && value <= 1e9, 'Must be a non-negative number.')

const wholeAmount = amount('Not a valid number.')
  .transform(Number)
  .refine((value) => Number.isInteger(value), 'Quantity must be a whole number.')
  .refine((value) => Math.abs(value) <= maxQuantity, `Quantity must be at most ${maxQuantity}.`)

/** Order fields in OpenAlgo's names. */
export const orderFields = {
  symbol: z.string().min(1, 'Must not be empty.').max(64, 'Longer than maximum length 64.'),
  exchange: z.string().min(1, 'Must not be empty.').max(32, 'Longer than maximum length 32.'),
  action: z
    .string()
    .transform((text) => text.toUpperCase())
    .pipe(z.enum(actions)),
  quantity: wholeAmount.refine((value) => value > 0, 'Quantity must be a positive number.'),
  pricetype: z.enum(priceTypes).default('MARKET'),
  product: z.enum(products).default('MIS'),
  price: price.default(0),
  trigger_price: price.default(0),
  disclosed_quantity: price.default(0),
}

/** As an order, with the size that the position is to have; the quantity may be 0. */
export const smartOrderFields = {
  ...orderFields,
  quantity: wholeAmount.refine((value) => value >= 0, 'Quantity must not be negative.'),
  position_size: wholeAmount,
}

export const orderSchema = z.object(orderFields)

export type OrderBody = z.infer<typeof orderSchema>
