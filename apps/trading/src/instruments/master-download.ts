import type { Clock, Timer } from '@cache/core'

import type { BrokerAccess } from '../broker/broker-access.ts'
import type { BrokerAdapter } from '../broker/broker-adapter.ts'
import type { BrokerConnections } from '../broker/broker-connections.ts'
import type { InstrumentCatalog } from './instrument-catalog.ts'

export interface MasterDownloadParts {
  readonly broker: BrokerAdapter
  readonly connections: BrokerConnections
  readonly access: BrokerAccess
  readonly catalog: InstrumentCatalog
  readonly clock: Clock
}

/** Brings the broker's master into the catalog: when somebody asks, and at an interval if one is set. */
export class MasterDownload {
  readonly #parts: MasterDownloadParts
  #timer: Timer | undefined

  constructor(parts: MasterDownloadParts) {
    this.#parts = parts
  }

  /** Begins a download; its course is in the catalog's status. */
  async begin(userId: number, options: { readonly force: boolean }): Promise<void> {
    const { broker, access, catalog } = this.#parts
    const master = await broker.master(await access.token(userId))
    void catalog.import(master, options)
  }

  /** Downloads every so often, with the token of anybody who is connected then. */
  repeatEvery(intervalMs: number): void {
    this.#timer = this.#parts.clock.setTimer(intervalMs, () => {
      this.repeatEvery(intervalMs)
      void this.#refresh()
    })
  }

  close(): void {
    this.#timer?.cancel()
  }

  async #refresh(): Promise<void> {
    const userId = await this.#parts.connections.anyConnected()
    if (userId !== undefined) await this.begin(userId, { force: false }).catch(() => undefined)
  }
}
