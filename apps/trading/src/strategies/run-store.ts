import type { Clock } from '@cache/core'

import type { AppDatabase } from '../database/database.ts'
import { flat, type RunState, runStateSchema } from './strategy-run.ts'

/** What strategies are doing, over restarts. A write carries the writer's fence: one with an older fence changes nothing. */
export class RunStore {
  readonly #database: AppDatabase
  readonly #clock: Clock

  constructor(database: AppDatabase, clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  async read(strategyId: number): Promise<RunState> {
    const row = await this.#database
      .selectFrom('strategy_runs')
      .select('state')
      .where('strategy_id', '=', strategyId)
      .executeTakeFirst()
    return row === undefined ? flat : runStateSchema.parse(JSON.parse(row.state))
  }

  /** @throws Error when somebody with a later fence has taken over */
  async write(strategyId: number, state: RunState, fence: number): Promise<void> {
    const row = { state: JSON.stringify(state), fence, updated_at_ms: this.#clock.wallMs() }
    const written = await this.#database
      .insertInto('strategy_runs')
      .values({ strategy_id: strategyId, ...row })
      .onConflict((conflict) =>
        conflict.column('strategy_id').doUpdateSet(row).where('strategy_runs.fence', '<=', fence),
      )
      .returning('strategy_id')
      .executeTakeFirst()
    if (written === undefined) throw new Error(`Strategy ${strategyId} is run by a later instance`)
  }
}
