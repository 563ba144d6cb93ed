import { describe, expect, it } from 'vitest'
import {
  during,
  faultyBackend,
  forwardingBackend,
  ManualClock,
  referenceBackend,
} from '../../../conformance/src/index.ts'
import type { ErrorCode } from '../../src/index.ts'
import { CallDeadline } from '../../src/engine/call-deadline.ts'
import { gate, openCaches, settle } from '../support/open-caches.ts'

/** What became of calls, in the order in which they ended. */
function watched(
  clock: ManualClock,
  deadline: CallDeadline,
): {
  readonly ended: string[]
  readonly call: (name: string) => PromiseWithResolvers<string>
} {
  const ended: string[] = []
  const startMs = clock.monotonicMs()
  const note = (name: string, what: string): void =>
    void ended.push(`${name} ${what} at ${clock.monotonicMs() - startMs}`)
  const call = (name: string): PromiseWithResolvers<string> => {
    const pending = gate<string>()
    deadline.hold(name, pending.promise).then(
      (result) => note(name, result),
      (error: { code?: string; message: string }) => note(name, error.code ?? error.message),
    )
    return pending
  }
  return { ended, call }
}

describe('calls that must end', () => {
  it('are given up each at its own time, with one timer for all of them', async () => {
    const clock = new ManualClock()
    const { ended, call } = watched(clock, new CallDeadline({ timeoutMs: 100, clock, isClosed: () => false }))
    call('read')
    await clock.advanceAsync(30)
    const answered = call('fill')
    await clock.advanceAsync(30)
    call('change')
    call('scan')
    expect(clock.pendingTimers).toBe(1)
    answered.resolve('answered')
    await clock.advanceAsync(200)
    expect(ended).toEqual([
      'fill answered at 60',
      'read BACKEND_TIMEOUT at 100',
      'change BACKEND_TIMEOUT at 160',
      'scan BACKEND_TIMEOUT at 160',
    ])
    expect(clock.pendingTimers).toBe(0)
  })

  it('end as they do when that is in time, and what comes later changes nothing', async () => {
    const clock = new ManualClock()
    const { ended, call } = watched(clock, new CallDeadline({ timeoutMs: 100, clock, isClosed: () => false }))
    const [failing, late, lateFailing] = [call('a'), call('b'), call('c')]
    failing.reject(new Error('refused'))
    await clock.advanceAsync(100)
    late.resolve('late')
    lateFailing.reject(new Error('late'))
    await settle()
    expect(ended).toEqual(['a refused at 0', 'b BACKEND_TIMEOUT at 100', 'c BACKEND_TIMEOUT at 100'])
  })

  it('are watched again after a time without any', async () => {
    const clock = new ManualClock()
    const { ended, call } = watched(clock, new CallDeadline({ timeoutMs: 100, clock, isClosed: () => false }))
    call('first').resolve('done')
    await clock.advanceAsync(500)
    expect(clock.pendingTimers).toBe(0)
    call('second')
    await clock.advanceAsync(99)
    expect(ended).toEqual(['first done at 0'])
    await clock.advanceAsync(1)
    expect(ended.slice(1)).toEqual(['second BACKEND_TIMEOUT at 600'])
  })

  it('say that the caches were closed where they were, however much time is left', async () => {
    const clock = new ManualClock()
    let isClosed = false
    const { ended, call } = watched(
      clock,
      new CallDeadline({ timeoutMs: 100, clock, isClosed: () => isClosed }),
    )
    call('first')
    await clock.advanceAsync(50)
    call('second')
    isClosed = true
    await clock.advanceAsync(50)
    expect(ended).toEqual(['first CLOSED at 100', 'second CLOSED at 100'])
  })

  it('tell what was asked, and for how long', async () => {
    const clock = new ManualClock()
    const deadline = new CallDeadline({ timeoutMs: 250, clock, isClosed: () => false })
    const outcome = deadline.hold('changesSince', gate().promise).catch((error: unknown) => error)
    await clock.advanceAsync(250)
    expect(await outcome).toMatchObject({
      code: 'BACKEND_TIMEOUT',
      message: 'The backend did not answer changesSince within 250 ms',
    })
  })
})

describe('a backend that does not answer', () => {
  it('hangs no caller: reads miss, loads run, writes say no, and deletions reject, all in time', async () => {
    const clock = new ManualClock()
    let isHanging = false
    const remote = forwardingBackend(referenceBackend(), (store) => store)
    const capabilities = { ...remote.capabilities, blocking: false }
    const hang = during(() => isHanging, { kind: 'hang' })
    const backend = faultyBackend({ ...remote, capabilities }, hang)
    const options = { backend, environment: { clock }, resilience: { commandTimeout: '1s' } } as const
    const cache = (await openCaches(options)).define<string>('values')
    await cache.set('k', 'stored')
    isHanging = true
    const ended: unknown[] = []
    const note = (promise: Promise<unknown>): void =>
      void promise.then(
        (value) => ended.push(value),
        (error: { code: string }) => ended.push(error.code),
      )
    note(cache.get('k'))
    note(cache.getOrLoad('k', () => 'loaded'))
    note(cache.set('k', 'new'))
    note(cache.delete('k'))
    await clock.advanceAsync(999)
    expect(ended).toEqual([])
    await clock.advanceAsync(1)
    await settle()
    expect(new Set(ended)).toEqual(new Set(['BACKEND_TIMEOUT', 'loaded', false, undefined]))
  })
})

describe('the breaker of a cache', () => {
  async function afterTenFailures(code: ErrorCode): Promise<unknown> {
    let isFailing = true
    const fault = during(() => isFailing, { kind: 'fail', code })
    const caches = await openCaches({
      backend: faultyBackend(referenceBackend(), fault),
      environment: { clock: new ManualClock() },
    })
    const cache = caches.define<string>('values')
    for (let index = 0; index < 10; index++) await cache.delete('k').catch(() => undefined)
    isFailing = false
    return cache.delete('k').catch((error: { code: string }) => error.code)
  }

  it('opens when the backend fails', async () => {
    expect(await afterTenFailures('BACKEND_FAILED')).toBe('BACKEND_UNREACHABLE')
  })

  it.each(['INVALID_VALUE', 'INVALID_KEY', 'INVALID_OPTION'] as const)(
    'stays closed when what was asked is at fault: %s',
    async (code) => {
      expect(await afterTenFailures(code)).toBe(false)
    },
  )
})
