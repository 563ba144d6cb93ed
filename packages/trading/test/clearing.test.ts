import { describe, expect, it } from 'vitest'
import { createCaches } from '@cache/core'
import { during, faultyBackend, referenceBackend } from '@cache/conformance'
import { memory } from '@cache/memory'
import { checkedVariables } from '@cache/environment'
import { clearOnFrom, ownerTags, tradingCaches, type TradingCaches } from '../src/index.ts'
import { openTrading } from './support.ts'

const alpaca = { userId: 'ann', brokerId: 'alpaca', connectionId: 'c1' }
const zerodha = { userId: 'ann', brokerId: 'zerodha', connectionId: 'c2' }
const others = { userId: 'bob', brokerId: 'alpaca', connectionId: 'c3' }

const balance = { cash: 1, equity: 1 }

/** Entries of every type for a connection, its user and its account. */
async function fill(trading: TradingCaches, ids: typeof alpaca): Promise<void> {
  const { userId, brokerId, connectionId } = ids
  const account = `${connectionId}-account`
  await trading.user.profile.set(userId, { userId })
  await trading.user.settings.set(userId, {})
  await trading.auth.session.set(`${userId}-session`, { userId }, { userId })
  await trading.auth.token.set({ userId, brokerId, kind: 'access_token' }, { value: 'secret' })
  await trading.auth.oauthState.set(`${connectionId}-state`, { brokerId }, { userId })
  const health = { healthy: true, latencyMs: 1, lastCheck: '' }
  await trading.broker.health.set({ brokerId, connectionId }, health, { userId })
  await trading.broker.connection.set(connectionId, { brokerId, userId, connected: true }, ids)
  await trading.broker.credentials.set(connectionId, {}, ids)
  await trading.vb.adapter.set({ userId, connectionId }, [])
  await trading.vb.balance.set(account, balance, ids)
  await trading.vb.position.set(account, [], ids)
  await trading.trading.balance.set(account, balance, ids)
  await trading.trading.order.set(
    `${connectionId}-order`,
    { orderId: '1', status: 'open' },
    { accountId: account, ...ids },
  )
  await trading.trading.position.set(account, [], ids)
  await trading.api.response.set({ endpoint: '/orders', params: { connectionId } }, [], { userId })
  await trading.market.quote.set(['NSE', connectionId], {
    symbol: 'A',
    bid: 1,
    ask: 1,
    last: 1,
    timestamp: '',
  })
}

async function filled(options: Parameters<typeof openTrading>[0] = {}) {
  const { trading } = await openTrading(options)
  for (const ids of [alpaca, zerodha, others]) await fill(trading, ids)
  return trading
}

/** What is still there of a connection. */
async function left(trading: TradingCaches, ids: typeof alpaca): Promise<Record<string, boolean>> {
  const { userId, brokerId, connectionId } = ids
  const account = `${connectionId}-account`
  return {
    profile: await trading.user.profile.has(userId),
    session: await trading.auth.session.has(`${userId}-session`),
    token: await trading.auth.token.has({ userId, brokerId, kind: 'access_token' }),
    health: await trading.broker.health.has({ brokerId, connectionId }),
    connection: await trading.broker.connection.has(connectionId),
    credentials: await trading.broker.credentials.has(connectionId),
    adapter: await trading.vb.adapter.has({ userId, connectionId }),
    virtual: await trading.vb.balance.has(account),
    balance: await trading.trading.balance.has(account),
    order: await trading.trading.order.has(`${connectionId}-order`),
    positions: await trading.trading.position.has(account),
    api: (await trading.api.response.get({ endpoint: '/orders', params: { connectionId } })) !== undefined,
    quote: await trading.market.quote.has(['NSE', connectionId]),
  }
}

const everything = {
  profile: true,
  session: true,
  token: true,
  health: true,
  connection: true,
  credentials: true,
  adapter: true,
  virtual: true,
  balance: true,
  order: true,
  positions: true,
  api: true,
  quote: true,
}
const ofConnection = {
  health: false,
  connection: false,
  credentials: false,
  adapter: false,
  virtual: false,
  balance: false,
  order: false,
  positions: false,
}

describe('clearing a broker connection', () => {
  it('takes what belongs to it, the responses of its user and what belongs to its broker', async () => {
    const trading = await filled()
    // Of c1: 3 broker, 3 vb, 3 trading and the token; of c3 at the same broker 3 + 2 + 3 and its token; 2 responses.
    expect(await trading.clear.connection(alpaca)).toBe(21)
    expect(await left(trading, alpaca)).toEqual({ ...everything, ...ofConnection, token: false, api: false })
    expect(await left(trading, zerodha)).toEqual({ ...everything, api: false })
    expect(await left(trading, others)).toMatchObject({
      profile: true,
      balance: false,
      adapter: true,
      api: true,
    })
  })

  it('leaves the other connections of the broker alone where it is not aggressive', async () => {
    const trading = await filled({ clearOn: { aggressive: false } })
    expect(await trading.clear.connection(alpaca)).toBe(11)
    expect(await left(trading, alpaca)).toEqual({ ...everything, ...ofConnection, api: false })
    expect(await left(trading, others)).toEqual(everything)
  })

  it('takes caches of the caller that carry the tags', async () => {
    const caches = await createCaches({ backend: memory() })
    const limits = caches.define<number>('ratelimit')
    const also = [{ domain: 'system' as const, cache: limits }]
    const trading = tradingCaches(caches, { encryptSecrets: false, also })
    await limits.set('api', 1, { tags: ownerTags({ brokerId: 'alpaca' }) })
    await limits.set('other', 1)
    expect(await trading.clear.connection(alpaca)).toBe(1)
    expect([await limits.has('api'), await limits.has('other')]).toEqual([false, true])
    await caches.close()
  })

  it('refuses loads that began before it', async () => {
    const { trading } = await openTrading()
    const gate = Promise.withResolvers<typeof balance>()
    const load = trading.trading.balance.getOrLoad('a', () => gate.promise, alpaca)
    await new Promise((resolve) => setImmediate(resolve))
    await trading.clear.connection(alpaca)
    gate.resolve(balance)
    expect(await load).toEqual(balance)
    expect(await trading.trading.balance.has('a')).toBe(false)
  })
})

describe('clearing an account', () => {
  it('takes its balances, orders, positions and the list of its adapter', async () => {
    const trading = await filled()
    expect(await trading.clear.account({ accountId: 'c1-account', ...alpaca })).toBe(6)
    const gone = { adapter: false, virtual: false, balance: false, order: false, positions: false }
    expect(await left(trading, alpaca)).toEqual({ ...everything, ...gone })
    expect(await left(trading, zerodha)).toEqual(everything)
  })
})

describe('clearing a user', () => {
  it('takes everything of the user and nothing of another', async () => {
    const trading = await filled()
    // Twice: token, state, 3 broker, 3 vb, 3 trading, 1 response; and once profile, settings, session.
    expect(await trading.clear.user('ann')).toBe(27)
    expect(await left(trading, alpaca)).toEqual({
      ...everything,
      ...ofConnection,
      profile: false,
      session: false,
      token: false,
      api: false,
    })
    expect(await left(trading, others)).toEqual(everything)
    expect(await trading.clear.user('ann')).toBe(0)
  })
})

describe('clearing a domain, and everything', () => {
  it('takes the entries of its caches', async () => {
    const trading = await filled()
    expect(await trading.clear.domain('market')).toBe(3)
    expect(await left(trading, alpaca)).toEqual({ ...everything, quote: false })
    expect(await trading.clear.all()).toBe(42)
    const nothing = Object.fromEntries(Object.keys(everything).map((name) => [name, false]))
    expect(await left(trading, others)).toEqual(nothing)
  })

  it('rejects when the backend did not acknowledge it', async () => {
    let broken = false
    const fault = { kind: 'fail', code: 'BACKEND_UNREACHABLE' } as const
    const backend = faultyBackend(
      referenceBackend(),
      during(() => broken, fault),
    )
    const { trading } = await openTrading({}, { backend })
    broken = true
    for (const clear of [() => trading.clear.user('ann'), () => trading.clear.all()])
      await expect(clear()).rejects.toMatchObject({ code: 'BACKEND_UNREACHABLE' })
  })
})

describe('what is cleared by itself', () => {
  const account = { accountId: 'c1-account', ...alpaca }

  it('follows the switches when a connection ends', async () => {
    const both = await filled()
    expect(await both.clear.onBrokerDisconnect(alpaca)).toBe(21)
    const vbOnly = await filled({ clearOn: { brokerDisconnect: false, aggressive: false } })
    expect(await vbOnly.clear.onBrokerDisconnect(alpaca)).toBe(3)
    expect(await left(vbOnly, alpaca)).toEqual({ ...everything, adapter: false, virtual: false })
    const brokerOnly = await filled({ clearOn: { vbDisconnect: false, aggressive: false } })
    expect(await brokerOnly.clear.onBrokerDisconnect(alpaca)).toBe(8)
    expect(await left(brokerOnly, alpaca)).toMatchObject({ adapter: true, virtual: true, balance: false })
    const none = await filled({ clearOn: { vbDisconnect: false, brokerDisconnect: false } })
    expect(await none.clear.onBrokerDisconnect(alpaca)).toBe(0)
  })

  it('follows them when a broker refuses the sign-in', async () => {
    const on = await filled({ clearOn: { aggressive: false } })
    expect(await on.clear.onBrokerAuthFailure(alpaca)).toBe(8)
    expect(await left(on, alpaca)).toMatchObject({ adapter: true, credentials: false })
    const off = await filled({ clearOn: { brokerAuthFailure: false } })
    expect(await off.clear.onBrokerAuthFailure(alpaca)).toBe(0)
  })

  it('follows them when a virtual account is reset or deleted', async () => {
    const on = await filled()
    expect(await on.clear.onVirtualReset(account)).toBe(6)
    expect(await on.clear.onVirtualDelete(account)).toBe(0)
    const off = await filled({ clearOn: { vbReset: false, vbDelete: false } })
    expect(await off.clear.onVirtualReset(account)).toBe(0)
    expect(await off.clear.onVirtualDelete(account)).toBe(0)
    expect(await off.clear.account(account)).toBe(6)
  })

  it('is read from the environment', () => {
    const values = { CACHE_VB_CLEAR_ON_RESET: 'false', CACHE_BROKER_AGGRESSIVE_CLEANUP: 'false' }
    const read = checkedVariables([{ label: '.env', values, checkNames: 'all' }])
    expect(clearOnFrom(read.values)).toEqual({
      vbDisconnect: true,
      vbReset: false,
      vbDelete: true,
      brokerDisconnect: true,
      brokerAuthFailure: true,
      aggressive: false,
    })
  })
})
