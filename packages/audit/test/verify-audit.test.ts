import { randomBytes } from 'node:crypto'
import { readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verifyAudit, type AuditFaultKind } from '../src/index.ts'
import { closedAudit, edit, linesOf, makeDirectory, openAudited } from './support.ts'

type Attack = (lines: string[]) => readonly string[]

const attacks: readonly (readonly [string, Attack, AuditFaultKind, number])[] = [
  ['a caller replaced', (lines) => replaced(lines, 5, 'settings', 'settingz'), 'altered', 5],
  ['an outcome replaced', (lines) => replaced(lines, 9, 'done', 'failed'), 'altered', 9],
  ['a time replaced', (lines) => replaced(lines, 3, '2026-01-01', '2026-01-02'), 'altered', 3],
  ['a number replaced', (lines) => replaced(lines, 3, '"seq":3', '"seq":44'), 'missing', 3],
  ['a MAC replaced', (lines) => replaced(lines, 3, '"mac":"', '"mac":"A'), 'altered', 3],
  [
    'the MAC of the record before',
    (lines) => lines.with(3, withMacOf(lines[3] ?? '', lines[2] ?? '')),
    'altered',
    3,
  ],
  ['a record removed', (lines) => lines.toSpliced(6, 1), 'missing', 6],
  ['three records removed', (lines) => lines.toSpliced(6, 3), 'missing', 6],
  ['the first record removed', (lines) => lines.slice(1), 'missing', 1],
  ['two records exchanged', (lines) => lines.toSpliced(6, 2, lines[7] ?? '', lines[6] ?? ''), 'reordered', 6],
  ['a record moved to the end', (lines) => [...lines.toSpliced(6, 1), lines[6] ?? ''], 'reordered', 6],
  ['a record doubled', (lines) => lines.toSpliced(6, 0, lines[5] ?? ''), 'reordered', 6],
  ['a line of another kind', (lines) => lines.toSpliced(6, 0, 'hello'), 'altered', 6],
  ['a record emptied', (lines) => lines.with(6, ''), 'altered', 6],
  ['a record of an epoch past', (lines) => replaced(lines, 20, /"epoch":\d+/, '"epoch":1'), 'altered', 20],
  [
    'a record of an epoch that never comes',
    (lines) => replaced(lines, 20, /"epoch":\d+/, '"epoch":9e15'),
    'altered',
    20,
  ],
  [
    'everything written anew with another key',
    (lines) => lines.map((line) => line.replaceAll('settings', 'x')),
    'altered',
    1,
  ],
]

describe('the verifier', () => {
  it('finds nothing wrong where nothing is', async () => {
    const { file } = await closedAudit()
    expect(await verifyAudit({ file })).toEqual({
      ok: true,
      records: 30,
      firstSeq: 1,
      lastSeq: 30,
      checkpoints: 0,
      fault: undefined,
    })
  })

  it.each(attacks)('finds %s', async (_name, attack, kind, seq) => {
    const { file } = await closedAudit()
    await edit(file, attack)
    const { ok, fault, records } = await verifyAudit({ file })
    expect({ ok, kind: fault?.kind, seq: fault?.seq, records }).toEqual({
      ok: false,
      kind,
      seq,
      records: seq - 1,
    })
    expect(fault?.message).toContain(`Record ${seq}`)
  })

  it('finds every record that is altered anywhere', async () => {
    const { file } = await closedAudit()
    const lines = await linesOf(file)
    for (const [index, line] of lines.entries()) {
      const at = (index * 13) % line.length
      const changed = `${line.slice(0, at)}${line[at] === 'x' ? 'y' : 'x'}${line.slice(at + 1)}`
      await edit(file, () => lines.with(index, changed))
      expect((await verifyAudit({ file })).fault?.seq).toBe(Math.max(1, index))
    }
  })

  it('finds a cut at the end, by checkpoints in a second place', async () => {
    const directory = await makeDirectory()
    const points = join(directory, 'points.jsonl')
    const { file } = await closedAudit({ checkpoints: { file: points, every: 10 } })
    await edit(file, (lines) => lines.slice(0, -4))
    expect(await verifyAudit({ file })).toMatchObject({ ok: true })
    expect(await verifyAudit({ file, checkpoints: points })).toMatchObject({
      ok: false,
      fault: { kind: 'cut', seq: 27 },
    })
    await writeFile(file, '')
    expect((await verifyAudit({ file, checkpoints: points })).fault?.kind).toBe('cut')
  })

  it('finds forged checkpoints', async () => {
    const directory = await makeDirectory()
    const points = join(directory, 'points.jsonl')
    const { file } = await closedAudit({ checkpoints: { file: points, every: 10 } })
    await edit(points, (lines) => lines.map((line) => line.replace(/"seq":\d+/, '"seq":3')))
    expect((await verifyAudit({ file, checkpoints: points })).fault?.kind).toBe('checkpoint')
    await edit(points, (lines) => ['nonsense', ...lines])
    expect((await verifyAudit({ file, checkpoints: points })).fault?.kind).toBe('checkpoint')
  })

  it('finds a file that was removed, and one at the beginning too', async () => {
    for (const which of [0, 1]) {
      const { file, directory } = await closedAudit({ rotation: { maxBytes: 4096 } }, 30)
      const closed = (await readdir(directory)).filter((name) => /\d$/.test(name)).sort(bySeq)
      expect(closed.length).toBeGreaterThanOrEqual(2)
      await rm(join(directory, closed[which] ?? ''))
      expect((await verifyAudit({ file })).fault?.kind).toBe('missing')
    }
  })

  it('does not take the key of today for that of yesterday', async () => {
    const directory = await makeDirectory()
    const { caches, file } = await openAudited(directory)
    const settings = caches.define('settings')
    await settings.delete('a')
    await settings.delete('b')
    const stolen = JSON.parse(await readFile(`${file}.state`, 'utf8')) as { key: string }
    await caches.close()
    const { fault } = await verifyAudit({ file, key: Buffer.from(stolen.key, 'base64') })
    expect(fault).toMatchObject({ kind: 'altered', seq: 1 })
  })

  it('needs the right key', async () => {
    const { file } = await closedAudit()
    expect((await verifyAudit({ file, key: randomBytes(32) })).fault).toMatchObject({
      kind: 'altered',
      seq: 1,
    })
    await expect(verifyAudit({ file, key: randomBytes(16) })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    })
    await expect(verifyAudit({ file, keyFile: `${file}.none` })).rejects.toMatchObject({
      code: 'KEY_UNAVAILABLE',
    })
    await expect(verifyAudit({ file, keyfile: 'x' } as never)).rejects.toThrow(`no option 'keyfile'`)
  })
})

function replaced(lines: readonly string[], index: number, from: string | RegExp, to: string): string[] {
  return lines.with(index, lines[index]?.replace(from, to) ?? '')
}

function withMacOf(line: string, other: string): string {
  const mac = /"mac":"([^"]*)"/
  return line.replace(mac, mac.exec(other)?.[0] ?? '')
}

function bySeq(one: string, other: string): number {
  return Number(one.split('.').at(-1)) - Number(other.split('.').at(-1))
}
