import { z } from 'zod'

import type { App } from '../app.ts'
import { analyzerAnswer } from './answers.ts'
import type { ApiGate } from './api-caller.ts'

/** Whether orders of the account go to the broker, or are only checked and answered. */
export function analyzerRoutes(app: App, gate: ApiGate): void {
  const status = async (userId: number) => {
    const mode = await app.orderModes.of(userId)
    return { mode, analyze_mode: mode === 'analyze', total_logs: app.orders.analyzedBy(userId) }
  }
  gate.route(
    {
      path: '/analyzer',
      group: 'Orders',
      summary: 'Whether orders are only checked',
      fields: {},
      answer: analyzerAnswer,
    },
    async ({ userId }) => ({ status: 'success', data: await status(userId) }),
  )
  gate.route(
    {
      path: '/analyzer/toggle',
      group: 'Orders',
      summary: 'Only check orders, or send them to the broker',
      fields: { mode: z.boolean() },
      answer: analyzerAnswer,
    },
    async ({ userId, body }) => {
      await app.settings.change(userId, { orderMode: body.mode ? 'analyze' : 'live' })
      await app.orderModes.changed(userId)
      const data = await status(userId)
      return { status: 'success', data: { ...data, message: `Analyzer mode switched to ${data.mode}` } }
    },
  )
}
