import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { auditLog } from '@cache/audit'
import { asCaller, createCaches } from '@cache/core'
import { encryption } from '@cache/crypto'
import { memory } from '@cache/memory'
import { describe, expect, it } from 'vitest'

import { AuditFile } from '../src/diagnostics/audit-file.ts'
import { temporaryDirectory } from './support/running-server.ts'

describe('the audit trail', () => {
  it('tells the latest records, the newest first, over closed files, and not its own first lines', async () => {
    const directory = await temporaryDirectory()
    const file = join(directory, 'cache-audit.log')
    const audited = await createCaches({
      backend: memory(),
      protection: encryption({ keys: () => Buffer.alloc(32, 7) }),
      security: { audit: auditLog({ file, instance: 'one', rotation: { maxBytes: 4096 } }) },
    })
    const secret = audited.define<number>('secret', { sensitive: true })
    for (let count = 0; count < 60; count++) await asCaller('desk', () => secret.delete(`bearer-${count}`))
    await audited.close()
    const trail = new AuditFile(file)
    const all = await trail.latest(500)
    expect(all.length).toBeGreaterThanOrEqual(120)
    expect(all.map(({ seq }) => seq)).toEqual(all.map((_, at) => (all[0]?.seq ?? 0) - at))
    const latest = await trail.latest(3)
    expect(latest).toEqual(all.slice(0, 3))
    expect(all.find(({ operation }) => operation === 'delete')).toMatchObject({
      cache: 'secret',
      caller: 'desk',
      outcome: 'done',
      instance: 'one',
    })
    expect(JSON.stringify(all)).not.toContain('bearer-')
    expect(await trail.latest(500, 'ends')).toEqual(all)
    expect(await trail.latest(500, 'refused')).toEqual([])
  })

  it('passes over what is no record, and is empty without a file', async () => {
    const directory = await temporaryDirectory()
    const file = join(directory, 'cache-audit.log')
    expect(await new AuditFile(file).latest(10)).toEqual([])
    await writeFile(
      file,
      'half a li\n{"seq":1}\nnull\n\n{"seq":2,"time":"t","operation":"get","outcome":"done","instance":"i"}',
    )
    expect(await new AuditFile(file).latest(10)).toMatchObject([{ seq: 2, cache: '' }])
  })

  it('finds what ended entries and what was refused among the reads', async () => {
    const directory = await temporaryDirectory()
    const file = join(directory, 'cache_audit.log')
    const line = (seq: number, operation: string, outcome: string): string =>
      JSON.stringify({ seq, time: 't', operation, outcome, instance: 'i', cache: 'c' })
    const reads = Array.from({ length: 500 }, (_, at) => line(at + 3, 'load', 'done'))
    await writeFile(file, [line(1, 'clear', 'done'), line(2, 'get', 'denied'), ...reads, ''].join('\n'))
    const trail = new AuditFile(file)
    expect(await trail.latest(10, 'ends')).toMatchObject([{ seq: 1 }])
    expect(await trail.latest(10, 'refused')).toMatchObject([{ seq: 2 }])
    expect((await trail.latest(10))[0]?.seq).toBe(502)
  })
})
