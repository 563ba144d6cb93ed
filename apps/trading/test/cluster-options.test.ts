import { describe, expect, it } from 'vitest'

import { readClusterFlags } from '../cluster/cluster-options.ts'

describe('the flags of the cluster', () => {
  it('have what is not given', () => {
    expect(readClusterFlags([])).toEqual({ port: 8080, instances: 3 })
    expect(readClusterFlags(['--', '--port', '0', '--instances=1'])).toEqual({ port: 0, instances: 1 })
  })

  it.each([
    [['--instances', '0'], "--instances is '0', but must be a number from 1 to 9"],
    [['--instances', '2.5'], "--instances is '2.5', but must be a whole number"],
    [['--port', 'http'], "--port is 'http', but must be a number from 0 to 65535"],
    [['--prot', '1'], '--prot'],
  ])('%j are refused, and it is said why', (args, why) => {
    expect(() => readClusterFlags(args)).toThrow(why)
  })
})
