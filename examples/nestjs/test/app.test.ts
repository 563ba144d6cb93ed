import 'reflect-metadata'
import type { AddressInfo } from 'node:net'
import type { Caches } from '@cache/core'
import { NestFactory } from '@nestjs/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AppModule } from '../src/app.module.ts'
import { CACHES } from '../src/caches.module.ts'
import { UserTable } from '../src/user-table.ts'

async function start(): Promise<{ table: UserTable; caches: Caches; url: string; close(): Promise<void> }> {
  const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false })
  await app.listen(0, '127.0.0.1')
  const { port } = app.getHttpServer().address() as AddressInfo
  const close = (): Promise<void> => app.close()
  onTestFinished(close)
  return {
    table: app.get(UserTable),
    caches: app.get<Caches>(CACHES),
    url: `http://127.0.0.1:${port}/users`,
    close,
  }
}

describe('the NestJS example', () => {
  it('loads a user once, and anew after a change of the name', async () => {
    const { table, url } = await start()
    const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(`${url}/1`)))
    for (const answer of answers) expect(await answer.json()).toEqual({ id: '1', name: 'Ada' })
    expect(table.reads).toBe(1)

    const headers = { 'content-type': 'application/json' }
    await fetch(`${url}/1/name`, { method: 'PUT', headers, body: '{"name":"Grace"}' })
    expect(await (await fetch(`${url}/1`)).json()).toEqual({ id: '1', name: 'Grace' })
    expect((await fetch(`${url}/2`)).status).toBe(404)
  })

  it('closes the caches with the application', async () => {
    const { caches, close } = await start()
    await close()
    expect(() => caches.define('more')).toThrow('closed')
  })
})
