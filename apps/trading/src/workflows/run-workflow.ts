import { z } from 'zod'

import type { App } from '../app.ts'
import { ticketOf } from '../orders/order-routes.ts'
import { orderSchema } from '../orders/order-schema.ts'
import { parsed } from '../server/parsed.ts'
import { RequestFault } from '../server/request-fault.ts'
import type { Workflow, WorkflowStep } from './workflow.ts'

/** What became of one step. */
export interface StepOutcome {
  readonly kind: WorkflowStep['kind']
  readonly status: 'done' | 'stopped' | 'error'
  readonly message?: string
  readonly orderid?: string
}

const fieldsSchema = z.record(z.string(), z.unknown())

/** Does the steps in their order, until one says stop or fails. What was done before stays done. */
export async function runWorkflow(app: App, workflow: Workflow, body: unknown): Promise<StepOutcome[]> {
  const fields = fieldsSchema.safeParse(body).data ?? {}
  const outcomes: StepOutcome[] = []
  for (const step of workflow.steps) {
    const outcome = await runStep(app, workflow, filled(step, fields))
    outcomes.push(outcome)
    if (outcome.status !== 'done') break
  }
  return outcomes
}

async function runStep(app: App, workflow: Workflow, step: WorkflowStep): Promise<StepOutcome> {
  const { kind } = step
  try {
    return { kind, ...(await act(app, workflow, step)) }
  } catch (error) {
    if (!(error instanceof RequestFault)) throw error
    return { kind, status: 'error', message: error.message }
  }
}

async function act(
  app: App,
  { userId, name }: Workflow,
  step: WorkflowStep,
): Promise<Omit<StepOutcome, 'kind'>> {
  switch (step.kind) {
    case 'if-price': {
      const quote = await app.quotes.quote(userId, await app.finder.require(step.symbol, step.exchange))
      const holds =
        quote !== undefined && (step.is === 'above' ? quote.ltp > step.price : quote.ltp < step.price)
      return {
        status: holds ? 'done' : 'stopped',
        message: `${step.symbol} is at ${quote?.ltp ?? 'no price'}`,
      }
    }
    case 'if-open': {
      const isOpen = await app.calendar.isOpen(step.exchange, app.clock.wallMs())
      return {
        status: isOpen ? 'done' : 'stopped',
        message: `${step.exchange} is ${isOpen ? 'open' : 'closed'}`,
      }
    }
    case 'order': {
      const { symbol, exchange, action, product, quantity } = step
      const order = parsed(orderSchema, { symbol, exchange, action, product, quantity })
      return { status: 'done', orderid: await app.orders.place(userId, ticketOf(order, name)) }
    }
    case 'close-positions': {
      const orderIds = await app.positions.closeAll(userId, name)
      return { status: 'done', message: `${orderIds.length} positions closed` }
    }
    case 'notify':
      await app.telegram.notify(userId, 'strategies', `${name}: ${step.text}`)
  }
  return { status: 'done' }
}

/** Puts fields of the body where a text says `{{name}}`. */
function filled(step: WorkflowStep, fields: Readonly<Record<string, unknown>>): WorkflowStep {
  const entries = Object.entries(step).map(([key, value]) => {
    if (typeof value !== 'string') return [key, value] as const
    return [
      key,
      value.replace(/\{\{(\w{1,64})\}\}/g, (whole, name: string) => textOf(fields, name) ?? whole),
    ] as const
  })
  return Object.fromEntries(entries) as WorkflowStep
}

function textOf(fields: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined
  return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 256) : undefined
}
