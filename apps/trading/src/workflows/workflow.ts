import { z } from 'zod'

import { orderFields } from '../orders/order-schema.ts'

/**
 * One step of a workflow. Text may hold `{{name}}`, which a field of the webhook's body takes the place of.
 */
export const stepSchema = z.discriminatedUnion('kind', [
  /** Goes on only while the price stands so. */
  z.object({
    kind: z.literal('if-price'),
    symbol: orderFields.symbol,
    exchange: orderFields.exchange,
    is: z.enum(['above', 'below']),
    price: z.number().positive(),
  }),
  /** Goes on only while the exchange is open. */
  z.object({ kind: z.literal('if-open'), exchange: orderFields.exchange }),
  z.object({
    kind: z.literal('order'),
    symbol: orderFields.symbol,
    exchange: orderFields.exchange,
    action: z.string().max(64),
    product: orderFields.product,
    quantity: z.union([z.number().int().positive(), z.string().max(64)]),
  }),
  z.object({ kind: z.literal('close-positions') }),
  z.object({ kind: z.literal('notify'), text: z.string().min(1).max(1000) }),
])

export type WorkflowStep = z.infer<typeof stepSchema>

export const newWorkflowSchema = z.object({
  name: z.string().trim().min(1, 'Give the workflow a name.').max(64, 'Use at most 64 characters.'),
  steps: z.array(stepSchema).min(1, 'Give at least one step.').max(50),
})

export type NewWorkflow = z.infer<typeof newWorkflowSchema>

export const workflowChangeSchema = newWorkflowSchema.extend({ isActive: z.boolean() }).partial()

export type WorkflowChange = z.infer<typeof workflowChangeSchema>

export interface Workflow extends NewWorkflow {
  readonly id: number
  readonly userId: number
  readonly isActive: boolean
  readonly webhookId: string
  readonly createdAtMs: number
}
