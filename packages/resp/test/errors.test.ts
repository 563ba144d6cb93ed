import { CacheError } from '@cache/core'
import { expect, it } from 'vitest'

import { asCacheError, failureKind } from '../src/errors.ts'

function said(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' })
}

function failed(code: string, message = `connect ${code}`): Error {
  return Object.assign(new Error(message), { code })
}

it.each([
  [said('WRONGPASS invalid username-password pair or user is disabled.'), 'BACKEND_REFUSED', 'password'],
  [said('NOAUTH Authentication required.'), 'BACKEND_REFUSED', 'password'],
  [said("NOPERM this user has no permissions to run the 'info' command"), 'BACKEND_REFUSED', '+info'],
  [said("OOM command not allowed when used memory > 'maxmemory'."), 'BACKEND_FULL', 'maxmemory'],
  [said("READONLY You can't write against a read only replica."), 'BACKEND_READ_ONLY', 'primary'],
  [said('MISCONF Redis is configured to save RDB snapshots'), 'BACKEND_READ_ONLY', 'log'],
  [said('LOADING Redis is loading the dataset in memory'), 'BACKEND_UNREACHABLE', 'loading'],
  [said('BUSY Redis is busy running a script.'), 'BACKEND_LOCKED', 'SCRIPT KILL'],
  [said('WRONGTYPE Operation against a key holding the wrong kind of value'), 'BACKEND_CORRUPT', 'prefix'],
  [said('CLUSTERDOWN The cluster is down'), 'BACKEND_UNREACHABLE', 'CLUSTER INFO'],
  [said("ERR unknown command 'evalsha'"), 'BACKEND_REFUSED', 'Redis 7.0'],
  [failed('ENOTFOUND', 'getaddrinfo ENOTFOUND no.such.host'), 'BACKEND_UNREACHABLE', 'host name'],
  [failed('ECONNREFUSED'), 'BACKEND_UNREACHABLE', 'port'],
  [failed('ECONNRESET'), 'BACKEND_UNREACHABLE', 'tried again'],
  [failed('ETIMEDOUT'), 'BACKEND_TIMEOUT', 'network'],
  [failed('SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate'), 'BACKEND_REFUSED', 'TLS'],
  [failed('ERR_SSL_WRONG_VERSION_NUMBER', 'wrong version number'), 'BACKEND_REFUSED', 'rediss:'],
  [
    new Error('All sentinels are unreachable. Retrying from scratch', { cause: failed('ECONNREFUSED') }),
    'BACKEND_UNREACHABLE',
    '',
  ],
  [new Error('something else'), 'BACKEND_FAILED', 'cause'],
])('%s has a code, a mend and its cause', (error, code, mend) => {
  const wrapped = asCacheError(error, 'cache.test:6379')
  expect(wrapped.code).toBe(code)
  expect(wrapped.message).toContain(mend)
  expect(wrapped.message).toContain('cache.test:6379')
  expect(wrapped.cause).toBe(error)
})

it('a CacheError stays what it is', () => {
  const error = new CacheError('CLOSED', 'closed')
  expect(asCacheError(error, 'a:1')).toBe(error)
})

it('tells what mends itself', () => {
  expect(failureKind(said('MOVED 12182 127.0.0.1:7002'))).toBe('moved')
  expect(failureKind(said('NOSCRIPT No matching script.'))).toBe('script')
  expect(failureKind(said('ERR syntax error'))).toBe('other')
})
