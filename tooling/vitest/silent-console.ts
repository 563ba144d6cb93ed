import { afterEach, beforeEach, vi } from 'vitest'

const methods = ['log', 'info', 'warn', 'error', 'debug'] as const

// Output that a test does not expect is a fault. A test that expects some spies on the method itself.
beforeEach(() => {
  for (const method of methods) vi.spyOn(console, method).mockImplementation(() => undefined)
})

afterEach(() => {
  for (const method of methods) {
    const { calls } = vi.mocked(console[method]).mock
    if (calls.length > 0) throw new Error(`Unexpected console.${method}: ${String(calls[0])}`)
  }
})
