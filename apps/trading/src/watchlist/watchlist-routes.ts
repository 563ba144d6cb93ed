import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

import type { App } from '../app.ts'
import { parsed } from '../server/parsed.ts'
import { RequestFault } from '../server/request-fault.ts'
import type { SessionGuard } from '../session/session-guard.ts'
import { watchedAtMost } from './watchlist-store.ts'

const watchedSchema = z.object({ exchange: z.string().min(1).max(32), symbol: z.string().min(1).max(128) })
const moveSchema = watchedSchema.extend({ to: z.number().int().min(0).max(watchedAtMost) })

/** What a user watches; every answer is the whole list. */
export function watchlistRoutes(server: FastifyInstance, app: App, guard: SessionGuard): void {
  const { watchlists } = app
  const shown = async (userId: number) => ({ watched: await watchlists.list(userId) })
  server.get('/web/watchlist', async (request) => shown((await guard.require(request)).user.id))
  server.post('/web/watchlist/add', async (request) => {
    const { user } = await guard.require(request)
    const watched = parsed(watchedSchema, request.body)
    await app.finder.require(watched.symbol, watched.exchange)
    if (!(await watchlists.add(user.id, watched))) {
      throw new RequestFault(409, `There are ${watchedAtMost} on the watchlist already; remove one first`)
    }
    return shown(user.id)
  })
  server.post('/web/watchlist/remove', async (request) => {
    const { user } = await guard.require(request)
    await watchlists.remove(user.id, parsed(watchedSchema, request.body))
    return shown(user.id)
  })
  server.post('/web/watchlist/move', async (request) => {
    const { user } = await guard.require(request)
    const { to, ...moved } = parsed(moveSchema, request.body)
    await watchlists.move(user.id, moved, to)
    return shown(user.id)
  })
}
