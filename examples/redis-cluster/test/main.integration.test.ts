import { execFile } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { TestCluster } from '@cache/tooling-servers'
import { describe, expect, it } from 'vitest'

const main = join(import.meta.dirname, '../src/main.ts')

describe('the example of a cluster', () => {
  it('finds on three nodes what it wrote, and nothing after the invalidation', async () => {
    await using cluster = await TestCluster.start({ kind: 'redis', primaries: 3, replicas: 0 })
    const env = { ...process.env, REDIS_NODES: cluster.urls.join(',') }
    const { stdout } = await promisify(execFile)(process.execPath, [main], { env })
    expect(stdout).toContain('100 of 100 found\nundefined after the invalidation\nhealthy')
  }, 120_000)
})
