import { expect, it } from 'vitest'

import { openApp } from '../src/app.ts'
import { readConfiguration } from '../src/config/configuration.ts'
import { HealthCheck } from '../src/diagnostics/health-check.ts'
import { Leaving } from '../src/server/leaving.ts'
import { temporaryDirectory } from './support/running-server.ts'
import { whenOver } from './support/when-over.ts'

async function openedApp() {
  const directory = await temporaryDirectory()
  const sources = { flags: { INSTANCE_ID: 'i-7' }, environment: {}, file: {} }
  const result = readConfiguration({ ...sources, directory, defaultDataDirectory: directory })
  if ('faults' in result) throw new Error(result.faults.join('\n'))
  const app = await openApp(result.configuration, { info: () => undefined, warn: () => undefined })
  whenOver(() => app.close().catch(() => undefined))
  return app
}

it('is healthy with all parts, and says who answers', async () => {
  expect(await new HealthCheck(await openedApp(), new Leaving()).answer()).toMatchObject({
    status: 'healthy',
    instance: 'i-7',
    cache_backend: 'sqlite',
    symbol_cache: { phase: 'empty', total_symbols: 0 },
  })
})

it('names the part that fails', async () => {
  const withoutDatabase = await openedApp()
  await withoutDatabase.database.destroy()
  expect(await new HealthCheck(withoutDatabase, new Leaving()).answer()).toMatchObject({
    status: 'unhealthy',
    reason: 'database',
  })
  const withoutCache = await openedApp()
  await withoutCache.caches.all.close()
  expect(await new HealthCheck(withoutCache, new Leaving()).answer()).toMatchObject({
    status: 'unhealthy',
    reason: 'cache',
  })
})

it('is unhealthy from the moment on at which it leaves', async () => {
  const leaving = new Leaving()
  const check = new HealthCheck(await openedApp(), leaving)
  expect((await check.answer()).status).toBe('healthy')
  leaving.begin()
  expect(await check.answer()).toMatchObject({ status: 'unhealthy', reason: 'stopping' })
})
