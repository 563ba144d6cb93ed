import type { Rule } from './rule.ts'

/** The calls of a window: when, and what each cost. Times only grow; those before `first` have left. */
export interface WindowState {
  used: number
  first: number
  times: number[]
  costs: number[]
}

export function emptyWindow(): WindowState {
  return { used: 0, first: 0, times: [], costs: [] }
}

/** Lets go of what has left the window. Amortised `O(1)` for each call that was taken. */
export function prune(state: WindowState, rule: Rule, nowUs: number): void {
  const { times, costs } = state
  const leftUs = nowUs - rule.windowUs
  let { first } = state
  for (let timeUs = times[first]; timeUs !== undefined && timeUs <= leftUs; timeUs = times[first]) {
    state.used -= costs[first] ?? 0
    first++
  }
  if (first > 32 && first * 2 > times.length) {
    times.splice(0, first)
    costs.splice(0, first)
    first = 0
  }
  state.first = first
}

/** When there is room for `cost`: now, or when enough has left. */
export function roomAtUs(state: WindowState, rule: Rule, cost: number, nowUs: number): number {
  let missing = state.used + cost - rule.limit
  if (missing <= 0) return nowUs
  const { times, costs } = state
  let index = state.first
  while (index < times.length - 1) {
    missing -= costs[index] ?? 0
    if (missing <= 0) break
    index++
  }
  return (times[index] ?? nowUs) + rule.windowUs
}

/** Counts a call. Its time is rounded up, and never before another's: it leaves late, not early. */
export function add(state: WindowState, rule: Rule, cost: number, atUs: number): void {
  const { times, costs } = state
  const last = times.length - 1
  const lastUs = last >= state.first ? (times[last] ?? 0) : Number.NEGATIVE_INFINITY
  const timeUs = Math.max(lastUs, Math.ceil(atUs / rule.bucketUs) * rule.bucketUs)
  state.used += cost
  if (timeUs === lastUs) costs[last] = (costs[last] ?? 0) + cost
  else {
    times.push(timeUs)
    costs.push(cost)
  }
}

/**
 * Takes back what was counted and did not happen. The oldest goes: it would have been the first to leave, so that what
 * remains is never too little.
 */
export function takeBack(state: WindowState, cost: number): void {
  const { times, costs } = state
  for (let rest = cost; rest > 0 && state.first < times.length;) {
    const oldest = costs[state.first] ?? 0
    const part = Math.min(rest, oldest)
    rest -= part
    state.used -= part
    if (part === oldest) state.first++
    else costs[state.first] = oldest - part
  }
}

/** How long until all that is counted has left. */
export function emptyInUs(state: WindowState, rule: Rule, nowUs: number): number {
  const last = state.times.length - 1
  return last < state.first ? 0 : (state.times[last] ?? 0) + rule.windowUs - nowUs
}
