import { describe, expect, it } from 'vitest'
import { ManualClock } from '@cache/conformance'
import { epochOf, get, makeDirectory, open, set, type Opened } from './fixture.ts'

const startMs = Date.UTC(2026, 0, 1)
const hourMs = 3_600_000

/** A process with a clock of its own, whose monotonic time starts anywhere. */
function process(
  directory: string,
  wallMs: number,
  monotonicMs = 50,
): Promise<Opened & { clock: ManualClock }> {
  const clock = new ManualClock({ wallMs, monotonicMs })
  return open({ directory, clock }).then((opened) => ({ ...opened, clock }))
}

const minute = { freshForMs: 60_000, keptForMs: 60_000 }

describe('a time to live', () => {
  it('is not prolonged by a wall clock that is set back', async () => {
    const { store, clock } = await process(await makeDirectory(), startMs)
    await set(store, 'k', minute)
    clock.stepWall(-hourMs)
    clock.advance(59_000)
    expect((await get(store, 'k'))?.keptForMs).toBeLessThanOrEqual(1000)
    clock.advance(1000)
    expect(await get(store, 'k')).toBeUndefined()
  })

  it('ends while the machine sleeps, when only the wall clock goes on', async () => {
    const { store, clock } = await process(await makeDirectory(), startMs)
    await set(store, 'k', minute)
    clock.stepWall(hourMs)
    expect(await get(store, 'k')).toBeUndefined()
  })

  it('counts the time between two processes', async () => {
    const directory = await makeDirectory()
    const first = await process(directory, startMs)
    await set(first.store, 'short', minute)
    await set(first.store, 'long', { freshForMs: hourMs, keptForMs: hourMs })
    await first.backend.close()
    const second = await process(directory, startMs + 60_000, 9_000_000)
    expect(await get(second.store, 'short')).toBeUndefined()
    expect((await get(second.store, 'long'))?.keptForMs).toBeLessThanOrEqual(hourMs - 60_000)
  })

  it('is not prolonged for a process whose clock is behind that of the writer', async () => {
    const directory = await makeDirectory()
    const behind = await process(directory, startMs)
    const ahead = await process(directory, startMs)
    await get(behind.store, 'k')
    ahead.clock.stepWall(hourMs)
    await set(ahead.store, 'k', minute)
    const entry = await get(behind.store, 'k')
    expect(entry?.keptForMs).toBeLessThanOrEqual(60_000)
    behind.clock.advance(60_000)
    expect(await get(behind.store, 'k')).toBeUndefined()
  })

  it('is not prolonged for a lease either', async () => {
    const directory = await makeDirectory()
    const behind = await process(directory, startMs)
    const ahead = await process(directory, startMs)
    await get(behind.store, 'k')
    ahead.clock.stepWall(hourMs)
    await ahead.store.acquire('k', { token: 'a', leaseMs: 60_000 })
    const reply = await behind.store.acquire('k', { token: 'b', leaseMs: 1000 })
    expect(reply.kind).toBe('wait')
    if (reply.kind === 'wait') expect(reply.remainingMs).toBeLessThanOrEqual(60_000)
  })
})

describe('a restart with a wall clock behind the file', () => {
  it('by up to a minute goes on from the time in the file', async () => {
    const directory = await makeDirectory()
    const first = await process(directory, startMs)
    await set(first.store, 'k', minute)
    const epoch = await epochOf(first.store)
    await first.backend.close()
    const second = await process(directory, startMs - 30_000)
    expect((await get(second.store, 'k'))?.keptForMs).toBeLessThanOrEqual(60_000)
    expect(await epochOf(second.store)).toBe(epoch)
    second.clock.advance(60_000)
    expect(await get(second.store, 'k')).toBeUndefined()
  })

  it('by more is a cold start, as ages cannot be told', async () => {
    const directory = await makeDirectory()
    const first = await process(directory, startMs)
    await set(first.store, 'k', { freshForMs: hourMs, keptForMs: hourMs })
    await first.backend.close()
    const second = await process(directory, startMs - 120_000)
    expect(await get(second.store, 'k')).toBeUndefined()
    expect(second.reports.join()).toContain('clock is behind')
    await set(second.store, 'k', minute)
    second.clock.advance(60_000)
    expect(await get(second.store, 'k')).toBeUndefined()
  })

  it('is followed by the processes that run on: they share one epoch and one time again', async () => {
    const directory = await makeDirectory()
    const old = await process(directory, startMs)
    await set(old.store, 'k', { freshForMs: hourMs, keptForMs: hourMs })
    const { stamp } = await old.store.changesSince(undefined)
    old.clock.stepWall(-hourMs)
    const fresh = await process(directory, startMs - hourMs)
    await set(fresh.store, 'new', minute)
    expect((await old.store.changesSince(stamp)).kind).toBe('reset')
    expect(await epochOf(old.store)).toBe(await epochOf(fresh.store))
    expect(await get(old.store, 'new')).toBeDefined()
    await set(old.store, 'k', minute)
    const third = await process(directory, startMs - hourMs)
    expect(await get(third.store, 'k')).toBeDefined()
    expect(third.reports).toEqual([])
  })
})
