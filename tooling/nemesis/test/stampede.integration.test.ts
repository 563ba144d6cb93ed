import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createCaches } from '@cache/core'
import { memory } from '@cache/memory'
import { redis } from '@cache/redis'
import { TcpProxy, usableServer } from '@cache/tooling-servers'
import { afterAll, expect, it } from 'vitest'
import type { StampedeReport } from '../src/stampede-process.ts'

const server = await usableServer('redis')
afterAll(() => server.stop())

const script = join(import.meta.dirname, '../src/stampede-process.ts')

it('a thousand callers in each of three processes are one load', { timeout: 120_000 }, async () => {
  const children: ChildProcess[] = Array.from({ length: 3 }, () =>
    fork(script, [server.url, '1000'], { execArgv: ['--no-warnings'] }),
  )
  try {
    await Promise.all(children.map((child) => once(child, 'message')))
    const replies = children.map(async (child) => (await once(child, 'message')) as [StampedeReport])
    for (const child of children) child.send('go on')
    const reports = (await Promise.all(replies)).map(([report]) => report)
    expect(reports.map(({ failures }) => failures)).toEqual([0, 0, 0])
    expect(reports.reduce((sum, { loads }) => sum + loads, 0)).toBe(1)
    expect(new Set(reports.flatMap(({ values }) => values)).size).toBe(1)
  } finally {
    for (const child of children) child.kill('SIGKILL')
  }
})

it('with the server away no call fails, and none reaches for it once the breaker is open', async () => {
  await using proxy = await TcpProxy.start(Number(new URL(server.url).port))
  await using caches = await createCaches({
    backend: redis({ url: proxy.url, commandTimeout: 200 }),
    l1: memory(),
    resilience: { commandTimeout: 200, openFor: '1h' },
  })
  const cache = caches.define<number>('away')
  await cache.set('k', 0)
  proxy.behave({ requests: { mode: 'hold' } })
  for (let call = 0; call < 10; call++) expect(await cache.getOrLoad(`first${call}`, () => call)).toBe(call)
  const { heldBytes } = proxy
  const { errors } = cache.stats()
  const calls = Array.from({ length: 500 }, (_, call) => cache.getOrLoad(`then${call}`, () => call))
  expect(await Promise.all(calls)).toEqual(Array.from(calls.keys()))
  expect(proxy.heldBytes).toBe(heldBytes)
  expect(cache.stats().errors).toBe(errors)
})
