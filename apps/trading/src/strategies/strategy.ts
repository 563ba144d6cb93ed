import { z } from 'zod'

import { actions, products } from '../orders/order.ts'

const share = z.number().positive().max(100)

/** What a strategy does by itself once it holds something; without rules it only answers webhooks. */
export const rulesSchema = z
  .object({
    /** Ends the position when it has lost so many percent. */
    stopLossPercent: share.optional(),
    /** Ends the position when it has gained so many percent. */
    targetPercent: share.optional(),
    /** Ends the position at this time of day in Asia/Kolkata, so many days after it was entered. */
    exitAt: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Not a time of day; use HH:MM.')
      .optional(),
    exitAfterDays: z.number().int().min(0).max(365).default(0),
  })
  .strict()

export type StrategyRules = z.infer<typeof rulesSchema>

export const strategySymbolSchema = z.object({
  symbol: z.string().min(1).max(64),
  exchange: z.string().min(1).max(32),
  product: z.enum(products),
  quantity: z.number().int().positive().max(10_000_000),
})

export type StrategySymbol = z.infer<typeof strategySymbolSchema>

export const newStrategySchema = z.object({
  name: z.string().trim().min(1, 'Give the strategy a name.').max(64, 'Use at most 64 characters.'),
  symbols: z.array(strategySymbolSchema).min(1, 'Give at least one symbol.').max(50),
  rules: rulesSchema.default({ exitAfterDays: 0 }),
})

export type NewStrategy = z.infer<typeof newStrategySchema>

export const strategyChangeSchema = newStrategySchema.extend({ isActive: z.boolean() }).partial()

export type StrategyChange = z.infer<typeof strategyChangeSchema>

export interface Strategy extends NewStrategy {
  readonly id: number
  readonly userId: number
  readonly isActive: boolean
  /** The id in the webhook's address: who knows it can trade. */
  readonly webhookId: string
  readonly createdAtMs: number
}

/** What a webhook of a strategy brings. */
export const signalSchema = z.object({
  symbol: z.string().min(1).max(64),
  exchange: z.string().min(1).max(32).optional(),
  action: z
    .string()
    .transform((text) => text.toUpperCase())
    .pipe(z.enum(actions)),
  /** Brings the position to this size instead of trading the strategy's quantity. */
  position_size: z.coerce.number().int().min(-10_000_000).max(10_000_000).optional(),
})
