import { describe, expect, it, vi } from 'vitest'
import { CacheError, type Change, type EntryStore } from '@cache/ports'
import { ManualClock } from '../../../conformance/src/index.ts'
import { CircuitBreaker } from '../../src/breaker/circuit-breaker.ts'
import { GuardedStore, type StoreGuard } from '../../src/engine/guarded-store.ts'

const lease = { token: 't', epoch: 'e', sequence: 1 } as never
const stamp = { epoch: 'e', sequence: 1 }
const changes: readonly Change[] = [{ kind: 'delete', key: 'k' }]

/** Each call of a store, its arguments, and the name by which it is told of. */
const calls = {
  read: [['k']],
  acquire: ['k', { token: 't', leaseMs: 5, refresh: false }],
  renew: ['k', lease, 5],
  fill: ['k', lease, { payload: 'v' }],
  release: ['k', lease, { kind: 'free' }],
  change: [changes],
  scan: [{ limit: 5 }],
  count: [],
  changesSince: [stamp],
  purge: [5],
  step: ['k', { name: 'add' }, 5],
} as const

type Operation = keyof typeof calls

const operations = Object.keys(calls) as Operation[]

/** A store of which each call answers with its own name after 5 ms, or rejects. */
function guarded({
  fails,
  more = {},
  guard = {},
}: {
  readonly fails?: unknown
  readonly more?: Partial<EntryStore>
  readonly guard?: Partial<StoreGuard>
} = {}) {
  const clock = new ManualClock()
  const asked = vi.fn<(operation: string, ...args: readonly unknown[]) => void>()
  const answer =
    (operation: string) =>
    async (...args: readonly unknown[]) => {
      asked(operation, ...args)
      clock.advance(5)
      if (fails !== undefined) throw fails
      return operation
    }
  const store = Object.fromEntries(operations.map((operation) => [operation, answer(operation)]))
  const told: unknown[] = []
  const breaker = new CircuitBreaker({
    clock,
    name: 'test',
    minimumCalls: 2,
    failureShare: 0.5,
    windowCalls: 4,
    openForMs: 1000,
    probeTimeoutMs: 200,
    onStateChange: (state) => told.push(state),
  })
  const options: StoreGuard = {
    clock,
    breaker,
    timeoutMs: undefined,
    isClosed: () => false,
    onDone: (operation, tookMs) => told.push([operation, tookMs]),
    onFailure: (operation, error, tookMs) => told.push([operation, error.code, tookMs]),
    onChange: undefined,
    ...guard,
  }
  const subject = new GuardedStore({ payloads: 'encoded', ...store, ...more } as never, options)
  const call = (operation: Operation): Promise<unknown> =>
    (subject as unknown as Record<string, (...args: readonly unknown[]) => Promise<unknown>>)[operation]!(
      ...calls[operation],
    )
  return { subject, call, told, asked, breaker, clock }
}

describe('a guarded store', () => {
  it.each(operations)('passes %s on as it is, and tells its name and how long it took', async (operation) => {
    const { call, told, asked } = guarded()
    expect(await call(operation)).toBe(operation)
    expect(asked.mock.calls).toEqual([[operation, ...calls[operation]]])
    expect(told).toEqual([[operation, 5]])
  })

  it.each(operations)('rejects %s with an error of the cache, and tells of it', async (operation) => {
    const cause = new Error('socket hang up')
    const { call, told } = guarded({ fails: cause })
    await expect(call(operation)).rejects.toMatchObject({
      code: 'BACKEND_FAILED',
      message: 'The backend failed; the cause says how',
      cause,
    })
    expect(told).toEqual([[operation, 'BACKEND_FAILED', 5]])
  })

  it('rejects at once, asks nothing and tells of nothing once the caches are closed', async () => {
    const { call, told, asked } = guarded({ guard: { isClosed: () => true } })
    await expect(call('read')).rejects.toMatchObject({ code: 'CLOSED' })
    expect(asked).not.toHaveBeenCalled()
    expect(told).toEqual([])
  })

  it.each([
    ['BACKEND_FAILED', 'open'],
    ['BACKEND_TIMEOUT', 'open'],
    ['CONFLICT', 'open'],
    ['INVALID_VALUE', 'closed'],
    ['INVALID_KEY', 'closed'],
    ['INVALID_OPTION', 'closed'],
    ['CLOSED', 'closed'],
  ] as const)('leaves its breaker after three calls that reject with %s %s', async (code, state) => {
    const { call, breaker } = guarded({ fails: new CacheError(code, 'no') })
    for (let time = 0; time < 3; time++) await call('read').catch(() => undefined)
    expect(breaker.state).toBe(state)
  })

  it('asks nothing while its breaker is open, and closes it with a call that succeeds', async () => {
    let fails: unknown = new Error('down')
    const { call, asked, breaker, clock } = guarded({
      more: {
        count: async () => {
          if (fails) throw fails
          return 7
        },
      },
    })
    for (let time = 0; time < 2; time++) await call('count').catch(() => undefined)
    await expect(call('read')).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
    expect(asked).not.toHaveBeenCalled()
    fails = undefined
    clock.advance(1000)
    expect(await call('count')).toBe(7)
    expect(breaker.state).toBe('closed')
  })

  it('tells of changes that were acknowledged, before their caller knows, and of no others', async () => {
    const order: unknown[] = []
    const onChange = (...told: readonly unknown[]): void => void order.push(told)
    await guarded({ guard: { onChange } })
      .call('change')
      .then(() => order.push('caller'))
    expect(order).toEqual([[changes, 'change'], 'caller'])
    order.length = 0
    const failing = guarded({ guard: { onChange }, fails: new Error('down') })
    await failing.call('change').catch(() => undefined)
    expect(order).toEqual([])
  })

  it('gives up calls of a store that may hang, each by its name', async () => {
    const hanging = async (): Promise<never> => new Promise(() => undefined)
    const { call, clock, told } = guarded({ more: { read: hanging }, guard: { timeoutMs: 100 } })
    const failure = call('read').catch((error: unknown) => error)
    await clock.advanceAsync(100)
    expect(await failure).toMatchObject({
      code: 'BACKEND_TIMEOUT',
      message: 'The backend did not answer read within 100 ms',
    })
    expect(told).toEqual([['read', 'BACKEND_TIMEOUT', 100]])
    expect(await call('count')).toBe('count')
  })

  it('has what its store has, and nothing else', async () => {
    const bare = guarded({ more: { step: undefined } }).subject
    expect([bare.step, bare.unchangedSince, bare.leaseEnded, bare.local]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    const local = { size: 0 } as never
    const unchangedSince = vi.fn<(of: unknown) => boolean>(() => true)
    const leaseEnded = vi.fn<(key: string, withinMs: number) => Promise<void>>(async () => undefined)
    const whole = guarded({ more: { local, unchangedSince, leaseEnded, payloads: 'live' } }).subject
    expect(whole.local).toBe(local)
    expect(whole.payloads).toBe('live')
    expect(whole.unchangedSince?.(stamp)).toBe(true)
    expect(unchangedSince).toHaveBeenCalledWith(stamp)
    await whole.leaseEnded?.('k', 9)
    expect(leaseEnded).toHaveBeenCalledWith('k', 9)
  })

  it('takes a step in a store of this process directly: it cannot hang', async () => {
    const { call, told } = guarded({ more: { local: { size: 0 } as never } })
    expect(await call('step')).toBe('step')
    expect(told).toEqual([])
  })
})
