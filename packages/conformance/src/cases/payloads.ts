import assert from 'node:assert/strict'
import type { Payload } from '@cache/core'
import type { BackendCase, BackendConcern } from '../backend-case.ts'
import { leaseOn, leaseRequest } from '../case-context.ts'
import { allBytes } from '../new-entry.ts'
import { assertFilled, present, put } from '../store-steps.ts'

const sixteenMiB = 16 * 1024 * 1024

const texts: Readonly<Record<string, string>> = {
  'empty text': '',
  'text with a NUL': 'a\u0000b',
  'text beyond the basic plane': '\u{1f600} \u202e \u{1d4b3} \u00e9 e\u0301',
  'text that looks like a number': '007',
  'text that looks like JSON null': 'null',
  'text with every ASCII control character': String.fromCharCode(
    ...Array.from({ length: 32 }, (_, code) => code),
  ),
  'text with line breaks of every kind': 'a\nb\r\nc\u2028d\u2029e\u0085',
}

const byteCases: Readonly<Record<string, Payload>> = {
  'no bytes': new Uint8Array(0),
  'one zero byte': new Uint8Array(1),
  'every byte': allBytes(512),
  'bytes that are not UTF-8': Uint8Array.of(0xff, 0xfe, 0xc3, 0x28, 0x80),
}

function keeps(name: string, payload: Payload): BackendCase {
  return {
    name: `${name} is kept as it is, set or filled`,
    run: async (context) => {
      const store = context.store()
      await put(store, 'set', { payload })
      assertSame((await present(store, 'set')).payload, payload)
      await assertFilled(store, 'filled', await leaseOn(store, 'filled'), { payload })
      assertSame((await present(store, 'filled')).payload, payload)
      const reply = await store.acquire('filled', leaseRequest())
      assert.equal(reply.kind, 'hit')
      if (reply.kind === 'hit') assertSame(reply.entry.payload, payload)
    },
  }
}

function assertSame(actual: unknown, expected: Payload): void {
  if (typeof expected === 'string') {
    assert.equal(typeof actual, 'string', 'text should stay text')
    assert.ok(actual === expected, 'the text should be the same')
    return
  }
  assert.ok(actual instanceof Uint8Array, 'bytes should stay bytes')
  assert.ok(Buffer.compare(actual, expected) === 0, 'the bytes should be the same')
}

const cases: readonly BackendCase[] = [
  ...Object.entries(texts).map(([name, text]) => keeps(name, text)),
  ...Object.entries(byteCases).map(([name, bytes]) => keeps(name, bytes)),
  keeps('a text of 16 MiB', 'x€'.repeat(sixteenMiB / 4)),
  keeps('a payload of 16 MiB of bytes', allBytes(sixteenMiB)),
  {
    name: 'a view into a larger buffer is stored as what it shows',
    run: async (context) => {
      const store = context.store()
      const view = (allBytes(100) as Uint8Array).subarray(10, 20)
      await put(store, 'k', { payload: view })
      assertSame((await present(store, 'k')).payload, Uint8Array.from(view))
    },
  },
  {
    name: 'bytes that the writer changes afterwards are stored as they were',
    needs: ['encoded'],
    run: async (context) => {
      const store = context.store()
      const bytes = Uint8Array.of(1, 2, 3)
      await put(store, 'k', { payload: bytes })
      bytes.fill(9)
      assertSame((await present(store, 'k')).payload, Uint8Array.of(1, 2, 3))
    },
  },
  {
    name: 'bytes that a reader changes are read unchanged by the next',
    needs: ['encoded'],
    run: async (context) => {
      const store = context.store()
      await put(store, 'k', { payload: Uint8Array.of(1, 2, 3) })
      const { payload } = await present(store, 'k')
      if (payload instanceof Uint8Array) payload.fill(9)
      assertSame((await present(store, 'k')).payload, Uint8Array.of(1, 2, 3))
    },
  },
  {
    name: 'a live value is kept as it is, with its identity',
    needs: ['live'],
    run: async (context) => {
      const store = context.store()
      const value = Object.freeze({ when: new Date(0), nested: new Map([[1, Number.NaN]]) })
      await put(store, 'k', { payload: value, format: 1, sizeBytes: 100 })
      assert.ok((await present(store, 'k')).payload === value)
    },
  },
]

export const payloads: BackendConcern = { concern: 'payloads', cases }
