import type { StepResult } from '@cache/core'
import type { LimitInput, LimitResult } from './limit-input.ts'
import type { Rule } from './rule.ts'
import { add, emptyInUs, emptyWindow, prune, roomAtUs, takeBack, type WindowState } from './window-state.ts'

/** Of GCRA: the time at which all that was taken is paid for. */
interface PaidState {
  paidAtUs: number
}

/** A state of no further use is kept a little longer: making it anew costs more than remembering it. */
const shortestKeptMs = 1000

/** The state of one key: a part for each rule, in their order. */
export interface LimitState {
  bannedUntilUs: number
  /** Refusals that count towards a ban, and until when they do. */
  strikes: number
  strikesUntilUs: number
  readonly parts: (WindowState | PaidState)[]
}

export function isWindow(part: WindowState | PaidState): part is WindowState {
  return 'times' in part
}

export function emptyState(): LimitState {
  return { bannedUntilUs: 0, strikes: 0, strikesUntilUs: 0, parts: [] }
}

/** What becomes of a key's state. Of this, `limit-script.ts` is the twin for servers: change both. */
export function runLimit(
  before: LimitState | undefined,
  input: LimitInput,
  nowMs: number,
): StepResult<LimitState, LimitResult> {
  const nowUs = Math.floor(nowMs * 1000)
  const state = before ?? emptyState()
  const { operation, rules, cost } = input
  adapt(state, rules, nowUs)
  if (input.debt > 0) takeAll(state, rules, input.debt, nowUs)
  switch (operation) {
    case 'take':
      return take(state, input, nowUs)
    case 'look':
      return { output: answer(state, input, nowUs), keptForMs: 0 }
    case 'note':
      takeAll(state, rules, cost, nowUs)
      break
    case 'back':
      giveBack(state, input, nowUs)
      break
    case 'reset':
      state.parts.length = 0
      state.strikes = 0
      adapt(state, rules, nowUs)
      break
    default:
      state.bannedUntilUs = input.banUs > 0 ? nowUs + input.banUs : 0
      state.strikes = 0
  }
  return kept(state, answer(state, input, nowUs), nowUs)
}

function take(state: LimitState, input: LimitInput, nowUs: number): StepResult<LimitState, LimitResult> {
  const { rules, cost, maxWaitUs, ban } = input
  if (state.bannedUntilUs <= nowUs) {
    const roomAt = allRoomAtUs(state, rules, cost, nowUs)
    if (roomAt - nowUs <= maxWaitUs) {
      takeAll(state, rules, cost, roomAt)
      return kept(state, taken(state, rules, nowUs, { cost, atUs: roomAt }), nowUs)
    }
    if (ban.after > 0) return strike(state, input, nowUs)
  }
  const output = answer(state, input, nowUs)
  return input.debt > 0 ? kept(state, output, nowUs) : { output, keptForMs: 0 }
}

/** Counts a refusal, the last of which is a ban. */
function strike(state: LimitState, input: LimitInput, nowUs: number): StepResult<LimitState, LimitResult> {
  const { after, withinUs, forUs } = input.ban
  if (state.strikes === 0 || state.strikesUntilUs <= nowUs) {
    state.strikes = 0
    state.strikesUntilUs = nowUs + withinUs
  }
  state.strikes++
  const newlyBanned = state.strikes >= after
  if (newlyBanned) {
    state.bannedUntilUs = nowUs + forUs
    state.strikes = 0
  }
  return kept(state, { ...answer(state, input, nowUs), newlyBanned }, nowUs)
}

/** Gives each rule its part, and lets go of what has left. */
function adapt({ parts }: LimitState, rules: readonly Rule[], nowUs: number): void {
  for (let index = 0; index < rules.length; index++) {
    const rule = rules[index]
    if (rule === undefined) return
    const part = parts[index]
    if (rule.kind === 'gcra') {
      if (part === undefined || isWindow(part)) parts[index] = { paidAtUs: 0 }
    } else if (part !== undefined && isWindow(part)) prune(part, rule, nowUs)
    else parts[index] = emptyWindow()
  }
  if (parts.length > rules.length) parts.length = rules.length
}

function allRoomAtUs({ parts }: LimitState, rules: readonly Rule[], cost: number, nowUs: number): number {
  let latest = nowUs
  for (let index = 0; index < rules.length; index++) {
    const at = partRoomAtUs(parts[index], rules[index], cost, nowUs)
    if (at > latest) latest = at
  }
  return latest
}

function partRoomAtUs(
  part: WindowState | PaidState | undefined,
  rule: Rule | undefined,
  cost: number,
  nowUs: number,
): number {
  if (part === undefined || rule === undefined) return nowUs
  if (isWindow(part)) return roomAtUs(part, rule, cost, nowUs)
  return Math.max(nowUs, Math.max(part.paidAtUs, nowUs) + (cost - rule.burst) * rule.intervalUs)
}

function takeAll({ parts }: LimitState, rules: readonly Rule[], cost: number, atUs: number): void {
  for (let index = 0; index < rules.length; index++) {
    const part = parts[index]
    const rule = rules[index]
    if (part === undefined || rule === undefined) return
    if (isWindow(part)) add(part, rule, cost, atUs)
    else part.paidAtUs = Math.max(part.paidAtUs, atUs) + cost * rule.intervalUs
  }
}

/** What has left a window already has been given back by that. */
function giveBack({ parts }: LimitState, { rules, cost, atUs }: LimitInput, nowUs: number): void {
  for (let index = 0; index < rules.length; index++) {
    const part = parts[index]
    const rule = rules[index]
    if (part && rule && isWindow(part) && atUs > nowUs - rule.windowUs) takeBack(part, cost)
  }
}

/** What a rule would still admit at once. */
function remainingOf(part: WindowState | PaidState | undefined, rule: Rule, nowUs: number): number {
  if (part === undefined) return rule.limit
  if (isWindow(part)) return Math.max(0, rule.limit - part.used)
  const owedUs = Math.max(0, part.paidAtUs - nowUs)
  return Math.max(0, Math.floor((rule.burst * rule.intervalUs - owedUs) / rule.intervalUs))
}

function resetInUs({ parts }: LimitState, rules: readonly Rule[], nowUs: number): number {
  let longest = 0
  for (let index = 0; index < rules.length; index++) {
    const part = parts[index]
    const rule = rules[index]
    if (part === undefined || rule === undefined) break
    const inUs = isWindow(part) ? emptyInUs(part, rule, nowUs) : part.paidAtUs - nowUs
    if (inUs > longest) longest = inUs
  }
  return longest
}

/** The answer to a request that was granted. */
function taken(
  state: LimitState,
  rules: readonly Rule[],
  nowUs: number,
  { cost, atUs }: Pick<LimitResult, 'cost' | 'atUs'>,
): LimitResult {
  let tightest = rules[0]
  let remaining = Number.POSITIVE_INFINITY
  for (let index = 0; index < rules.length; index++) {
    const rule = rules[index]
    const left = rule ? remainingOf(state.parts[index], rule, nowUs) : remaining
    if (left >= remaining) continue
    remaining = left
    tightest = rule
  }
  return {
    allowed: true,
    limit: tightest?.limit ?? 0,
    remaining,
    retryAfterMs: (atUs - nowUs) / 1000,
    resetAfterMs: resetInUs(state, rules, nowUs) / 1000,
    rule: tightest?.name ?? '',
    banned: false,
    newlyBanned: false,
    cost,
    atUs,
    local: false,
  }
}

/** Whether `cost` could be taken now, and what stands against it. */
function answer(state: LimitState, { rules, cost }: LimitInput, nowUs: number): LimitResult {
  const free = taken(state, rules, nowUs, { cost: 0, atUs: nowUs })
  const bannedUs = state.bannedUntilUs - nowUs
  if (bannedUs > 0)
    return { ...free, allowed: false, remaining: 0, retryAfterMs: bannedUs / 1000, banned: true }
  const roomAt = allRoomAtUs(state, rules, cost, nowUs)
  if (roomAt === nowUs) return free
  const index = rules.findIndex((rule, at) => partRoomAtUs(state.parts[at], rule, cost, nowUs) === roomAt)
  const { name = '', limit = 0 } = rules[index] ?? {}
  return { ...free, allowed: false, rule: name, limit, retryAfterMs: (roomAt - nowUs) / 1000 }
}

function kept(state: LimitState, output: LimitResult, nowUs: number): StepResult<LimitState, LimitResult> {
  const strikesUs = state.strikes > 0 ? state.strikesUntilUs - nowUs : 0
  const keptMs = Math.max(output.resetAfterMs, (state.bannedUntilUs - nowUs) / 1000, strikesUs / 1000)
  return { output, state, keptForMs: keptMs > 0 ? Math.max(keptMs, shortestKeptMs) : 0 }
}
