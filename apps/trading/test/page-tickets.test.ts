import { ManualClock } from '@cache/conformance'
import { describe, expect, it } from 'vitest'

import { PageTickets } from '../src/feed/page-tickets.ts'

const data = { userId: 7, clientAddress: '127.0.0.1' }
const session = { data, base: data, createdAtMs: 0 }
const sessions = { load: async (id: string) => (id === 's1' ? session : undefined) }

function tickets(clock = new ManualClock(), key = Buffer.alloc(32, 1)): PageTickets {
  return new PageTickets({ key, sessions, clock })
}

describe('a ticket of the page', () => {
  it('opens in every instance, to whoever has the session as long as it lasts', async () => {
    const owner = tickets().ownerBy(tickets().issue('s1'))
    expect(await owner?.()).toBe(7)
    expect(await tickets().ownerBy(tickets().issue('ended'))?.()).toBeUndefined()
  })

  it('is good for half a minute', () => {
    const clock = new ManualClock()
    const ticket = tickets(clock).issue('s1')
    clock.advance(29_000)
    expect(tickets(clock).ownerBy(ticket)).toBeDefined()
    clock.advance(2000)
    expect(tickets(clock).ownerBy(ticket)).toBeUndefined()
  })

  it('is refused when it was altered, is of another installation, or is none', () => {
    const ticket = tickets().issue('session-of-asha')
    expect(ticket).not.toContain('session-of-asha')
    expect(Buffer.from(ticket, 'base64url').toString('latin1')).not.toContain('session-of-asha')
    const altered = `${ticket.startsWith('A') ? 'B' : 'A'}${ticket.slice(1)}`
    for (const wrong of [altered, '', 'nonsense', ticket.slice(0, 20)])
      expect(tickets().ownerBy(wrong)).toBeUndefined()
    expect(tickets(new ManualClock(), Buffer.alloc(32, 2)).ownerBy(ticket)).toBeUndefined()
  })
})
