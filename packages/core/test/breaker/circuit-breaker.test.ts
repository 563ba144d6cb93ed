import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../conformance/src/manual-clock.ts'
import { CircuitBreaker, type BreakerState } from '../../src/breaker/circuit-breaker.ts'

function breaker(): { breaker: CircuitBreaker; clock: ManualClock; states: BreakerState[] } {
  const clock = new ManualClock()
  const states: BreakerState[] = []
  const options = {
    name: 'test',
    minimumCalls: 4,
    failureShare: 0.5,
    windowCalls: 8,
    openForMs: 1000,
    probeTimeoutMs: 200,
  }
  return {
    clock,
    states,
    breaker: new CircuitBreaker({ ...options, clock, onStateChange: (state) => states.push(state) }),
  }
}

function opened(): ReturnType<typeof breaker> {
  const parts = breaker()
  for (let call = 0; call < 4; call++) parts.breaker.failed(parts.breaker.admit())
  return parts
}

const refused = expect.objectContaining({
  code: 'BACKEND_UNREACHABLE',
  message: 'The circuit breaker of test is open; it retries by itself',
})

describe('CircuitBreaker', () => {
  it('stays closed below the minimum of calls', () => {
    const { breaker: circuit } = breaker()
    for (let call = 0; call < 3; call++) circuit.failed(circuit.admit())
    expect(circuit.state).toBe('closed')
  })

  it('stays closed while most calls succeed, however many fail in all', () => {
    const { breaker: circuit } = breaker()
    for (let call = 0; call < 300; call++) {
      const admission = circuit.admit()
      if (call % 3 === 2) circuit.failed(admission)
      else circuit.succeeded(admission)
    }
    expect(circuit.state).toBe('closed')
  })

  it('opens at the share of failures and then refuses at once', () => {
    const { breaker: circuit } = opened()
    expect(circuit.state).toBe('open')
    expect(() => circuit.admit()).toThrow(refused)
  })

  it('admits exactly one probe after the pause', () => {
    const { breaker: circuit, clock } = opened()
    clock.advance(1000)
    expect(circuit.admit().probe).toBe(true)
    expect(() => circuit.admit()).toThrow(refused)
  })

  it('closes when the probe succeeds', () => {
    const { breaker: circuit, clock, states } = opened()
    clock.advance(1000)
    circuit.succeeded(circuit.admit())
    expect(circuit.state).toBe('closed')
    expect(states).toEqual(['open', 'half-open', 'closed'])
  })

  it('opens again when the probe fails, for the whole pause', () => {
    const { breaker: circuit, clock } = opened()
    clock.advance(1000)
    circuit.failed(circuit.admit())
    clock.advance(999)
    expect(() => circuit.admit()).toThrow(refused)
    clock.advance(1)
    expect(circuit.admit().probe).toBe(true)
  })

  it('gives up a probe that never settles', () => {
    const { breaker: circuit, clock } = opened()
    clock.advance(1000)
    const hung = circuit.admit()
    clock.advance(200)
    expect(() => circuit.admit()).toThrow(refused)
    clock.advance(1000)
    circuit.succeeded(circuit.admit())
    circuit.failed(hung)
    expect(circuit.state).toBe('closed')
  })

  it('takes a cancelled probe for nothing and lets the next call probe', () => {
    const { breaker: circuit, clock } = opened()
    clock.advance(1000)
    circuit.cancelled(circuit.admit())
    expect(circuit.state).toBe('open')
    expect(circuit.admit().probe).toBe(true)
  })

  it('ignores results of calls that began before it changed its state', () => {
    const { breaker: circuit, clock } = breaker()
    const late = Array.from({ length: 20 }, () => circuit.admit())
    for (let call = 0; call < 4; call++) circuit.failed(circuit.admit())
    clock.advance(1000)
    const probe = circuit.admit()
    for (const admission of late) circuit.failed(admission)
    circuit.succeeded(probe)
    for (const admission of late) circuit.failed(admission)
    expect(circuit.state).toBe('closed')
  })

  it('opens at exactly the share', () => {
    const { breaker: circuit } = breaker()
    for (let call = 0; call < 4; call++) {
      const admission = circuit.admit()
      if (call < 2) circuit.succeeded(admission)
      else circuit.failed(admission)
    }
    expect(circuit.state).toBe('open')
  })

  it('takes a cancelled ordinary call for nothing, and one that was admitted in an earlier time', () => {
    const { breaker: circuit, clock } = breaker()
    const early = circuit.admit()
    circuit.cancelled(circuit.admit())
    expect(circuit.state).toBe('closed')
    for (let call = 0; call < 4; call++) circuit.failed(circuit.admit())
    clock.advance(1000)
    const late = circuit.admit()
    circuit.succeeded(late)
    circuit.cancelled(early)
    circuit.cancelled(late)
    expect(circuit.state).toBe('closed')
  })

  it('forgets with each change what it counted before', () => {
    const { breaker: circuit, clock } = opened()
    for (let time = 0; time < 3; time++) {
      clock.advance(1000)
      circuit.succeeded(circuit.admit())
      expect(circuit.state).toBe('closed')
      for (let call = 0; call < 3; call++) circuit.failed(circuit.admit())
      expect(circuit.state).toBe('closed')
      circuit.failed(circuit.admit())
      expect(circuit.state).toBe('open')
    }
  })

  it('a probe that fails after its time does not keep it open for longer', () => {
    const { breaker: circuit, clock } = opened()
    clock.advance(1000)
    const probe = circuit.admit()
    clock.advance(200)
    expect(() => circuit.admit()).toThrow(refused)
    clock.advance(900)
    circuit.failed(probe)
    clock.advance(100)
    expect(circuit.admit().probe).toBe(true)
  })
})
