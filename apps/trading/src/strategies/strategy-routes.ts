import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

import type { App } from '../app.ts'
import { parsed } from '../server/parsed.ts'
import { RequestFault } from '../server/request-fault.ts'
import type { SessionGuard } from '../session/session-guard.ts'
import { telegramPreferencesSchema } from '../telegram/telegram-users.ts'
import { newWorkflowSchema, type Workflow, workflowChangeSchema } from '../workflows/workflow.ts'
import { newStrategySchema, type Strategy, strategyChangeSchema } from './strategy.ts'

const idSchema = z.object({ id: z.coerce.number().int().positive() })
const ownedAtMost = 100

/** Strategies, workflows and the addresses of their webhooks, for the page. */
export function strategyRoutes(server: FastifyInstance, app: App, guard: SessionGuard): void {
  server.get('/web/strategies', async (request) => {
    const { user } = await guard.require(request)
    return { strategies: await shownStrategies(app, await app.strategies.list(user.id)) }
  })
  server.post('/web/strategies', async (request, reply) => {
    const { user } = await guard.require(request)
    const asked = parsed(newStrategySchema, request.body)
    refuseTooMany(await app.strategies.list(user.id))
    for (const { symbol, exchange } of asked.symbols) await app.finder.require(symbol, exchange)
    const [shown] = await shownStrategies(app, [await app.strategies.create(user.id, asked)])
    return reply.code(201).send(shown)
  })
  server.post('/web/strategies/:id', async (request) => {
    const { user } = await guard.require(request)
    const { id } = parsed(idSchema, request.params)
    const changed = await app.strategies.change(user.id, id, parsed(strategyChangeSchema, request.body))
    if (!changed) throw new RequestFault(404, 'There is no such strategy')
    return { strategies: await shownStrategies(app, await app.strategies.list(user.id)) }
  })
  server.post('/web/strategies/:id/remove', async (request) => {
    const { user } = await guard.require(request)
    if (!(await app.strategies.remove(user.id, parsed(idSchema, request.params).id))) {
      throw new RequestFault(404, 'There is no such strategy')
    }
    return { strategies: await shownStrategies(app, await app.strategies.list(user.id)) }
  })
  workflowRoutes(server, app, guard)
  telegramRoutes(server, app, guard)
}

function workflowRoutes(server: FastifyInstance, app: App, guard: SessionGuard): void {
  server.get('/web/workflows', async (request) => {
    const { user } = await guard.require(request)
    return { workflows: (await app.workflows.list(user.id)).map(shownWorkflow) }
  })
  server.post('/web/workflows', async (request, reply) => {
    const { user } = await guard.require(request)
    const asked = parsed(newWorkflowSchema, request.body)
    refuseTooMany(await app.workflows.list(user.id))
    return reply.code(201).send(shownWorkflow(await app.workflows.create(user.id, asked)))
  })
  server.post('/web/workflows/:id', async (request) => {
    const { user } = await guard.require(request)
    const { id } = parsed(idSchema, request.params)
    const changed = await app.workflows.change(user.id, id, parsed(workflowChangeSchema, request.body))
    if (!changed) throw new RequestFault(404, 'There is no such workflow')
    return { workflows: (await app.workflows.list(user.id)).map(shownWorkflow) }
  })
  server.post('/web/workflows/:id/remove', async (request) => {
    const { user } = await guard.require(request)
    if (!(await app.workflows.remove(user.id, parsed(idSchema, request.params).id))) {
      throw new RequestFault(404, 'There is no such workflow')
    }
    return { workflows: (await app.workflows.list(user.id)).map(shownWorkflow) }
  })
}

function telegramRoutes(server: FastifyInstance, app: App, guard: SessionGuard): void {
  const shown = async (userId: number) => {
    const user = await app.telegramUsers.byUser(userId)
    const preferences = user && (await app.telegramUsers.preferences(user))
    return {
      available: app.configuration.values.TELEGRAM_BOT_TOKEN !== '',
      linked: user ?? null,
      preferences,
    }
  }
  server.get('/web/telegram', async (request) => shown((await guard.require(request)).user.id))
  server.post('/web/telegram/code', async (request) => {
    const { user } = await guard.require(request)
    return { code: await app.telegramUsers.createCode(user.id) }
  })
  server.post('/web/telegram/preferences', async (request) => {
    const { user } = await guard.require(request)
    const changes = parsed(telegramPreferencesSchema, request.body)
    const linked = await app.telegramUsers.byUser(user.id)
    if (linked === undefined) throw new RequestFault(409, 'Link a chat first; then choose what it is told')
    await app.telegramUsers.setPreferences(linked, changes)
    return shown(user.id)
  })
  server.post('/web/telegram/unlink', async (request) => {
    const { user } = await guard.require(request)
    await app.telegramUsers.unlink({ userId: user.id })
    return shown(user.id)
  })
}

function refuseTooMany(owned: readonly unknown[]): void {
  if (owned.length >= ownedAtMost)
    throw new RequestFault(409, `There are ${ownedAtMost} already; remove one first`)
}

function shownStrategies(app: App, strategies: readonly Strategy[]) {
  return Promise.all(
    strategies.map(async ({ webhookId, userId: _userId, ...strategy }) => ({
      ...strategy,
      webhook: `/strategy/webhook/${webhookId}`,
      run: await app.runs.read(strategy.id),
    })),
  )
}

function shownWorkflow({ webhookId, userId: _userId, ...workflow }: Workflow) {
  return { ...workflow, webhook: `/flow/webhook/${webhookId}` }
}
