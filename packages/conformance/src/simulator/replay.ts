import type { Violation } from './history-checker.ts'
import { simulate, type SimulationOptions, type SimulationResult } from './simulate.ts'

/** A seed run again, with what led to its first violation. */
export interface Replay {
  readonly result: SimulationResult
  /** The lines of the trace that touch the violation's key, up to it; every line where there is no violation. */
  readonly history: readonly string[]
}

/** What touches every key. */
const wide = /the store:|is paused|crashes|closes|"kind":"(?:clear|tags)"/

/** Runs a seed with a trace and keeps what matters of it; at most `maxLines`, the last ones. */
export async function replay(seed: number, options: SimulationOptions = {}, maxLines = 60): Promise<Replay> {
  const lines: string[] = []
  const result = await simulate(seed, { ...options, trace: (line) => void lines.push(line) })
  const [first] = result.violations
  return { result, history: (first ? touching(lines, first) : lines).slice(-maxLines) }
}

function touching(lines: readonly string[], { key, atMs }: Violation): string[] {
  const names = key.startsWith('k') ? [`"${key}"`, ` ${key} `, ` ${key}=`, `"t:${key.slice(1)}"`] : [key]
  return lines.filter(
    (line) =>
      Number.parseFloat(line) <= atMs && (wide.test(line) || names.some((name) => line.includes(name))),
  )
}
