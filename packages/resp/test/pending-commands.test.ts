import { ManualClock } from '@cache/conformance'
import { expect, it } from 'vitest'

import { PendingCommands } from '../src/pending-commands.ts'

function pending(clock = new ManualClock()) {
  let late = 0
  const commands = new PendingCommands(clock, { timeoutMs: 100, maxPending: 2 }, 'a:1', () => late++)
  return { clock, commands, lateness: () => late }
}

const never = (): Promise<never> => new Promise(() => {})

it('settles with the reply or the error', async () => {
  const { commands } = pending()
  await expect(commands.run(async () => 1)).resolves.toBe(1)
  await expect(commands.run(async () => Promise.reject(new Error('x')))).rejects.toThrow('x')
})

it('gives up what is not answered in time, and says so once for all of it', async () => {
  const { clock, commands, lateness } = pending()
  const first = commands.run(never)
  const second = commands.run(never)
  void first.catch(() => {})
  void second.catch(() => {})
  await clock.advanceAsync(100)
  await expect(first).rejects.toMatchObject({ code: 'BACKEND_TIMEOUT' })
  await expect(second).rejects.toMatchObject({ code: 'BACKEND_TIMEOUT' })
  expect(lateness()).toBe(1)
})

it('takes no more than it may, until some have ended', async () => {
  const { clock, commands } = pending()
  const waiting = [commands.run(never), commands.run(never)]
  for (const each of waiting) void each.catch(() => {})
  await expect(commands.run(async () => 1)).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
  await clock.advanceAsync(100)
  await expect(commands.run(async () => 1)).resolves.toBe(1)
})

it('fails all that wait when the connection is lost', async () => {
  const { commands } = pending()
  const waiting = commands.run(never)
  commands.failAll(new Error('lost'))
  await expect(waiting).rejects.toThrow('lost')
  await expect(commands.run(async () => 1)).resolves.toBe(1)
})
