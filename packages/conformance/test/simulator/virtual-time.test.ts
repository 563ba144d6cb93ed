import { describe, expect, it } from 'vitest'
import { VirtualProcess, VirtualTime } from '../../src/index.ts'

describe('VirtualTime', () => {
  it('runs events in the order of their moments, and of their making where those are the same', async () => {
    const time = new VirtualTime(1)
    const seen: string[] = []
    for (const [name, delayMs] of [
      ['c', 5],
      ['a', 1],
      ['b', 1],
    ] as const)
      time.after(delayMs, () => seen.push(`${name}@${time.nowMs}`))
    await time.runUntil(4)
    expect(seen).toEqual(['a@1', 'b@1'])
    await time.runUntil(10)
    expect(seen).toEqual(['a@1', 'b@1', 'c@5'])
    expect(time.nowMs).toBe(10)
  })

  it('lets every promise reaction run before the next event', async () => {
    const time = new VirtualTime(1)
    const seen: string[] = []
    time.after(1, () => {
      void (async () => {
        for (let turn = 0; turn < 100; turn++) await Promise.resolve()
        seen.push('reactions')
      })()
    })
    time.after(1, () => seen.push('next'))
    await time.runUntil(2)
    expect(seen).toEqual(['reactions', 'next'])
  })

  it('does not run what was cancelled', async () => {
    const time = new VirtualTime(1)
    const event = time.after(1, () => expect.unreachable())
    event.run = undefined
    await time.runUntil(2)
    expect(time.steps).toBe(0)
  })

  it('stops at what an event throws', async () => {
    const time = new VirtualTime(1)
    time.after(1, () => {
      throw new RangeError('broken')
    })
    await expect(time.runUntil(2)).rejects.toThrow('broken')
  })
})

describe('VirtualProcess', () => {
  it('holds back what reaches it while it is paused', async () => {
    const time = new VirtualTime(1)
    const process = new VirtualProcess(0, time)
    const seen: number[] = []
    process.setTimer(5, () => seen.push(time.nowMs))
    process.after(6, () => seen.push(time.nowMs))
    process.pause(50)
    await time.runUntil(100)
    expect(seen).toEqual([50, 50])
    expect(process.pausedMs).toBe(50)
  })

  it('receives nothing after a crash, and counts its timers', async () => {
    const time = new VirtualTime(1)
    const process = new VirtualProcess(0, time)
    process.setTimer(5, () => expect.unreachable())
    const cancelled = process.setTimer(5, () => expect.unreachable())
    cancelled.cancel()
    cancelled.cancel()
    expect(process.pendingTimers).toBe(1)
    process.crash()
    await time.runUntil(10)
    expect(process.alive).toBe(false)
  })

  it('steps its wall clock and leaves the other alone', () => {
    const process = new VirtualProcess(0, new VirtualTime(1))
    const [monotonicMs, wallMs] = [process.monotonicMs(), process.wallMs()]
    process.stepWall(-5000)
    expect(process.wallMs()).toBe(wallMs - 5000)
    expect(process.monotonicMs()).toBe(monotonicMs)
  })
})
