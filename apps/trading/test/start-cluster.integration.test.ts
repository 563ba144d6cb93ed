import { join } from 'node:path'

import { expect, it } from 'vitest'

import { startTree } from './support/process-tree.ts'
import { temporaryDirectory } from './support/running-server.ts'

it.each(['SIGTERM', 'SIGKILL'] as const)('a cluster ends with what started it, by %s', async (signal) => {
  const main = join(import.meta.dirname, '../cluster/main.ts')
  const args = ['--port', '0', '--instances', '1']
  const { descendants, left, kill } = await startTree(main, args, 'Ctrl-C stops everything')
  // An instance, the broker, Valkey, nginx, PostgreSQL with workers of its own, and what watches over them.
  expect(descendants.length).toBeGreaterThan(8)
  await kill(signal)
  await expect.poll(left).toEqual([])
})

it('an instance ends with what started it, though nothing that it needs has gone', async () => {
  const script = join(import.meta.dirname, 'support/lone-instance.ts')
  const { descendants, left, kill } = await startTree(script, [await temporaryDirectory()], 'ready')
  // Itself and its broker.
  expect(descendants.length).toBeGreaterThan(1)
  await kill('SIGKILL')
  await expect.poll(left).toEqual([])
})
