import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dailyAt } from '@cache/core'
import { catalogue, domains, oauthTable, TradingTtls, tradingCacheNames, ttlTable } from '../src/index.ts'

/** The times as the cache guide lists them, in seconds. */
const documented: readonly (readonly [type: string, seconds: number])[] = [
  ['user:profile', 3600],
  ['user:settings', 1800],
  ['auth:session', 7200],
  ['auth:token', 3600],
  ['auth:oauth_state', 600],
  ['broker:health', 60],
  ['broker:credentials', 3600],
  ['vb:account_list', 60],
  ['vb:balance', 30],
  ['vb:position', 60],
  ['account:balance', 60],
  ['order:status', 300],
  ['position:list', 60],
  ['market:quote', 5],
  ['market:bar', 60],
  ['api:response', 300],
]

const guide = join(import.meta.dirname, '../../../../shared/sources/3-tradecore-cache-guide.md')
const ttls = new TradingTtls()
const noon = Date.UTC(2026, 0, 1, 12)

describe('the catalogue', () => {
  it('has the eight domains, and a cache in each', () => {
    expect(domains).toEqual(['user', 'auth', 'broker', 'vb', 'trading', 'market', 'api', 'system'])
    const used = new Set(Object.values(catalogue).map(({ domain }) => domain))
    expect(used).toEqual(new Set(domains))
  })

  it('names each cache by its domain and type', () => {
    const domainsOfNames = tradingCacheNames.map((name) => name.split(':')[0])
    expect(domainsOfNames).toEqual(tradingCacheNames.map((name) => catalogue[name].domain))
  })

  it('is what the tables are made of', () => {
    const table = ttlTable()
    for (const name of tradingCacheNames) expect(table).toContain(`\`${name}\``)
    expect(table).toContain('2 h (7,200 s)')
    expect(table).toContain('5 s')
    expect(oauthTable()).toContain('30 d (2,592,000 s)')
  })
})

describe('the times', () => {
  it.each(documented)('of %s are %d seconds', (type, seconds) => {
    expect(ttls.ofMs(type)).toBe(seconds * 1000)
    const [module = '', name = ''] = type.split(':')
    expect(ttls.ofModuleMs(module, name)).toBe(seconds * 1000)
  })

  it.runIf(existsSync(guide))('are those of the guide itself', () => {
    const text = readFileSync(guide, 'utf8')
    const listed = Array.from(text.matchAll(/^(\w+:\w+)\s+= (\d+)s/gm), ([, type, seconds]) => [
      type,
      Number(seconds),
    ])
    expect(listed).toEqual(documented)
  })

  it('of OAuth tokens are those of the broker', () => {
    expect(ttls.oauthMs('alpaca', 'access_token', noon)).toBe(3_600_000)
    expect(ttls.oauthMs('alpaca', 'refresh_token', noon)).toBe(2_592_000_000)
    expect(ttls.oauthMs('elsewhere', 'access_token', noon)).toBe(3_600_000)
    expect(ttls.oauthMs('elsewhere', 'strange_token', noon)).toBe(3_600_000)
  })

  it('can be set by cache, and by broker with an end at a time of day', () => {
    const own = new TradingTtls({
      caches: { 'market:quote': '1s' },
      oauth: { zerodha: { access_token: dailyAt('03:00', 'Asia/Kolkata') }, '*': { access_token: '2h' } },
    })
    expect(own.ofMs('market:quote')).toBe(1000)
    expect(own.oauthMs('zerodha', 'access_token', noon)).toBe(9.5 * 3_600_000)
    expect(own.oauthMs('angel', 'access_token', noon)).toBe(7_200_000)
    expect(own.oauthMs('alpaca', 'refresh_token', noon)).toBe(2_592_000_000)
  })

  it('of a type that there is none of are refused, with the nearest', () => {
    expect(() => ttls.ofMs('market:quot')).toThrow('did you mean market:quote?')
    expect(() => ttls.ofMs('nothing:at-all')).toThrow("There is no trading cache 'nothing:at-all'")
    expect(() => new TradingTtls({ caches: { 'market:quote': 'soon' as never } })).toThrow(
      'market:quote must be',
    )
  })
})
