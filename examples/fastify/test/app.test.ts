import { createCaches } from '@cache/core'
import { ManualClock } from '@cache/conformance'
import { memory } from '@cache/memory'
import type { FastifyInstance } from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createApp, type QuoteSource } from '../src/app.ts'

async function quoteApp(source: QuoteSource): Promise<{ app: FastifyInstance; clock: ManualClock }> {
  const clock = new ManualClock()
  const caches = await createCaches({ backend: memory(), environment: { clock } })
  const app = await createApp(caches, source)
  onTestFinished(() => app.close())
  return { app, clock }
}

const infy = { symbol: 'INFY', last: 1520.5, at: new Date(0) }

describe('the Fastify example', () => {
  it('asks its source once a second', async () => {
    let asked = 0
    const { app, clock } = await quoteApp(async () => ({ ...infy, last: ++asked }))
    const last = async (): Promise<number> => (await app.inject('/quotes/INFY')).json().last
    expect([await last(), await last()]).toEqual([1, 1])
    clock.advance(1001)
    await last() // stale, and loaded behind it
    expect(await last()).toBe(2)
  })

  it('answers with what it had while the source is away', async () => {
    let away = false
    const { app, clock } = await quoteApp(async () => {
      if (away) throw new Error('away')
      return infy
    })
    await app.inject('/quotes/INFY')
    away = true
    clock.advance(30_000)
    expect((await app.inject('/quotes/INFY')).json()).toMatchObject({ last: 1520.5 })
    clock.advance(60_000)
    expect((await app.inject('/quotes/INFY')).statusCode).toBe(500)
  })

  it('forgets all quotes when it is told to, and knows what there is not', async () => {
    const asked: string[] = []
    const { app } = await quoteApp(async (symbol) => {
      asked.push(symbol)
      return symbol === 'INFY' ? infy : undefined
    })
    await app.inject('/quotes/INFY')
    expect((await app.inject({ method: 'POST', url: '/quotes/refresh' })).statusCode).toBe(204)
    await app.inject('/quotes/INFY')
    expect((await app.inject('/quotes/NONE')).statusCode).toBe(404)
    expect(asked).toEqual(['INFY', 'INFY', 'NONE'])
  })

  it('admits fifty requests in a second', async () => {
    const { app } = await quoteApp(async () => infy)
    const codes: number[] = []
    for (let request = 0; request < 51; request++) codes.push((await app.inject('/quotes/INFY')).statusCode)
    expect(codes.filter((code) => code === 200)).toHaveLength(50)
    expect(codes.at(-1)).toBe(429)
  })
})
