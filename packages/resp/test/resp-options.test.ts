import { expect, it } from 'vitest'

import { type RespOptions, respSettings } from '../src/resp-options.ts'

const url = 'redis://localhost'

it('has defaults', () => {
  expect(respSettings('redis', { url })).toEqual({
    connectTimeoutMs: 5000,
    commandTimeoutMs: 1000,
    maxPending: 10_000,
    startWithoutServer: false,
    trust: false,
    partitions: 1,
  })
})

it.each([
  [{}, 'exactly one of url'],
  [{ url, cluster: [url] }, 'exactly one of url'],
  [{ url, colour: 'red' }, "no option 'colour'"],
  [{ url, commandTimeout: 0 }, 'commandTimeout'],
  [{ url, commandTimeout: Number.POSITIVE_INFINITY }, 'commandTimeout'],
  [{ url, connectTimeout: '1 fortnight' }, 'connectTimeout'],
  [{ url, maxPending: 0 }, 'maxPending'],
  [{ url, trust: 'yes' }, 'trust'],
  [{ url, protocol: 4 }, 'protocol'],
  [{ url, partitions: 0 }, 'partitions'],
  [{ client: {}, password: 'x' }, 'password has no effect'],
  [null, 'an object of options'],
])('refuses %j and names the option', (options, message) => {
  expect(() => respSettings('redis', options as unknown as RespOptions)).toThrow(message)
})
