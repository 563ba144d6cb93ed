import { expect, it } from 'vitest'
import { allBackendCases, runBackendCases, type BackendConcern } from '../src/index.ts'
import { referenceHarness } from './reference-harness.ts'

const harness = referenceHarness('reference')

function concern(name: string, run: () => Promise<void>): BackendConcern {
  return { concern: name, cases: [{ name: 'case', run }] }
}

it('names each case once within its concern', () => {
  for (const { cases } of allBackendCases) {
    const names = cases.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  }
})

it('reports failures and goes on, or stops at the first', async () => {
  const concerns = [
    concern('good', async () => {}),
    concern('bad', async () => {
      throw new Error('broken')
    }),
    concern('worse', async () => {
      throw new Error('broken too')
    }),
  ]
  const all = await runBackendCases(harness, { concerns })
  expect(all.failures.map((failure) => failure.concern)).toEqual(['bad', 'worse'])
  expect(await runBackendCases(harness, { concerns, bail: true })).toMatchObject({
    count: 2,
    failures: [{ concern: 'bad' }],
  })
})

it('reports a case that does not end', async () => {
  const { failures } = await runBackendCases(harness, {
    concerns: [concern('endless', () => new Promise(() => {}))],
    timeoutMs: 20,
  })
  expect(String(failures[0]?.error)).toContain('did not end')
})

it('leaves out what the backend does not declare', async () => {
  const modest = {
    ...harness,
    capabilities: { ...harness.capabilities, shared: 'process', persistent: false },
  } as const
  const names: string[] = []
  const concerns = allBackendCases.map(({ concern: name, cases }) => ({
    concern: name,
    cases: cases.map((item) => ({ ...item, run: async () => void names.push(`${name}/${item.name}`) })),
  }))
  await runBackendCases(modest, { concerns })
  expect(names.some((name) => name.startsWith('sharing/') || name.startsWith('persistence/'))).toBe(false)
  expect(names.some((name) => name.startsWith('leases/'))).toBe(true)
})
