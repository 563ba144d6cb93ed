import type { Step } from '@cache/core'
import type { LimitInput, LimitResult } from './limit-input.ts'
import { limitScript } from './limit-script.ts'
import { isWindow, runLimit, type LimitState } from './limit-state.ts'
import { maxMoments } from './rule.ts'

/** A window's numbers: what is used, then times and costs in turn. GCRA's is a number by itself. */
type StoredPart = number | number[]
type StoredState = readonly [
  bannedUntilUs: number,
  strikes: number,
  strikesUntilUs: number,
  parts: StoredPart[],
]

/** The step of every rate limit; what differs between limits comes with the input. */
export const limitStep: Step<LimitState, LimitInput, LimitResult> = {
  name: 'limit',
  maxBytes: maxMoments * 16 + 200,
  run: runLimit,
  encode: ({ bannedUntilUs, strikes, strikesUntilUs, parts }) => {
    const stored: StoredState = [
      bannedUntilUs,
      strikes,
      strikesUntilUs,
      parts.map((part) => (isWindow(part) ? windowNumbers(part) : part.paidAtUs)),
    ]
    return JSON.stringify(stored)
  },
  decode: (text) => {
    const [bannedUntilUs, strikes, strikesUntilUs, parts] = JSON.parse(text) as StoredState
    return { bannedUntilUs, strikes, strikesUntilUs, parts: parts.map(partOf) }
  },
  script: limitScript,
}

type Part = LimitState['parts'][number]

function windowNumbers({ used, first, times, costs }: Extract<Part, { readonly times: number[] }>): number[] {
  const numbers = [used]
  for (let index = first; index < times.length; index++) numbers.push(times[index] ?? 0, costs[index] ?? 0)
  return numbers
}

function partOf(stored: StoredPart): Part {
  if (typeof stored === 'number') return { paidAtUs: stored }
  const [used = 0, ...pairs] = stored
  return {
    used,
    first: 0,
    times: pairs.filter((_, index) => index % 2 === 0),
    costs: pairs.filter((_, index) => index % 2 === 1),
  }
}
