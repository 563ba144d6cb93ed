import { isCacheError } from '@cache/core'
import { expect, it } from 'vitest'

import { hostAndPort, serverAddress } from '../src/client/server-address.ts'

it('a URL gives host, port, TLS, user, password and database', () => {
  expect(serverAddress('rediss://app:p%40ss@cache.test:7000/3', 'url')).toEqual({
    host: 'cache.test',
    port: 7000,
    path: undefined,
    tls: true,
    username: 'app',
    password: 'p@ss',
    db: 3,
  })
  expect(serverAddress('redis://[::1]', 'url')).toMatchObject({ host: '::1', port: 6379, tls: false })
  expect(serverAddress('valkeys://a', 'url')).toMatchObject({ host: 'a', tls: true })
  expect(serverAddress('unix:/run/redis.sock', 'url')).toMatchObject({ path: '/run/redis.sock' })
  expect(hostAndPort('a.test:26379', 'sentinel.addresses')).toEqual({ host: 'a.test', port: 26_379 })
})

it.each(['', 'cache.test', 'cache.test:6379', 'http://a', 'redis://', 'redis://a/b', 'redis://a?x=1', '://'])(
  'a wrong URL is refused, and not repeated: %s',
  (url) => {
    try {
      serverAddress(url, 'url')
      expect.unreachable()
    } catch (error) {
      expect(isCacheError(error, 'INVALID_OPTION')).toBe(true)
      expect(String(error)).toContain('url must be like redis://')
    }
  },
)
