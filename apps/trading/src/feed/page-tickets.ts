import type { Clock } from '@cache/core'
import { valueSeal, type ValueSeal } from '@cache/crypto'
import { z } from 'zod'

import type { Sessions } from '@cache/session'
import { factsOf } from '../session/app-sessions.ts'

const goodForMs = 30_000
const place = ['page']
const ticketSchema = z.tuple([z.string(), z.number()])

export interface PageTicketParts {
  readonly key: Buffer
  readonly sessions: Pick<Sessions, 'load'>
  readonly clock: Clock
}

/**
 * What the page shows the feed where a program shows its API key: its session, sealed, and good for half a minute. Any
 * instance opens it.
 */
export class PageTickets {
  readonly #seal: ValueSeal
  readonly #sessions: PageTicketParts['sessions']
  readonly #clock: Clock

  constructor({ key, sessions, clock }: PageTicketParts) {
    this.#seal = valueSeal({ purpose: 'feed-ticket', keys: [key] })
    this.#sessions = sessions
    this.#clock = clock
  }

  issue(sessionId: string): string {
    return this.#seal.seal(JSON.stringify([sessionId, this.#clock.wallMs() + goodForMs]), place)
  }

  /** Who has the ticket's session, for as long as it lasts; `undefined` for a ticket that is no good. */
  ownerBy(ticket: string): (() => Promise<number | undefined>) | undefined {
    const opened = this.#seal.open(ticket, place)
    if (opened === undefined) return undefined
    const [sessionId, endsAtMs] = ticketSchema.parse(JSON.parse(opened))
    if (endsAtMs < this.#clock.wallMs()) return undefined
    return async () => {
      const session = await this.#sessions.load(sessionId)
      return session && factsOf(session).userId
    }
  }
}
