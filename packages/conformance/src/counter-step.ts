import type { Step } from '@cache/core'

export interface CounterInput {
  readonly by: number
  /** How long the count is kept; 0 removes it, `undefined` leaves everything as it is. */
  readonly keptForMs: number | undefined
}

export interface CounterOutput {
  readonly count: number
  /** The time of the store. */
  readonly nowMs: number
}

/** The smallest step: a count. Its script does the same on a server. */
export const counterStep: Step<number, CounterInput, CounterOutput> = {
  name: 'counter',
  maxBytes: 8,
  run: (count = 0, { by, keptForMs }, nowMs) => {
    const output = { count: count + by, nowMs }
    return keptForMs === undefined ? { output, keptForMs: 0 } : { output, state: count + by, keptForMs }
  },
  encode: String,
  decode: Number,
  script: {
    lua: `
      local count = tonumber(redis.call('GET', KEYS[1]) or '0') + tonumber(ARGV[1])
      if ARGV[2] == '0' then redis.call('DEL', KEYS[1])
      elseif ARGV[2] ~= '' then redis.call('SET', KEYS[1], count, 'PX', ARGV[2]) end
      local time = redis.call('TIME')
      return {count, time[1], time[2]}`,
    args: ({ by, keptForMs = '' }) => [by, keptForMs],
    output: (reply) => {
      const [count, seconds, microseconds] = (reply as readonly unknown[]).map(Number)
      return { count: count ?? 0, nowMs: (seconds ?? 0) * 1000 + (microseconds ?? 0) / 1000 }
    },
  },
}
