import type { StepScript } from '@cache/core'
import type { LimitInput, LimitResult } from './limit-input.ts'
import type { Rule } from './rule.ts'

/**
 * The twin of `limit-state.ts` for Redis and Valkey; a property test compares the two. With one rule the state is packed: a
 * letter for the algorithm, banned until, strikes, strikes until, then for a window what is used and pairs of time and cost,
 * for GCRA its number, all as doubles: to take costs the same whatever the number of calls in the window. With more rules it
 * is a msgpack array of the same.
 *
 * ARGV: `one`, cost, and four of the rule, for the usual call; else operation, cost, longest wait, debt, ban, when it was
 * taken; the policy on bans; four for each rule.
 */
const lua = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local raw = redis.call('GET', KEYS[1])
local max, ceil, floor, form = math.max, math.ceil, math.floor, string.format
local pack, unpacked, sub = struct.pack, struct.unpack, string.sub
local short = ARGV[1] == 'one'

if short and (not raw or sub(raw, 1, 1) == ARGV[3]) then
  local cost, limit, span, step = tonumber(ARGV[2]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
  local ban, strikes, till, own = 0, 0, 0, 0
  if raw then ban, strikes, till, own = unpacked('<dddd', raw, 2) end
  local room, left, reset, body = now, 0, 0, ''
  if ARGV[3] == 'g' then
    local full, paid = limit * step, max(own, now)
    room = max(now, paid + (cost - limit) * step)
    if ban <= now and room == now then own = paid + cost * step end
    reset = max(0, own - now)
    left = floor((full - reset) / step)
  else
    local first, size, leaving = 34, raw and #raw or 33, now - span
    local at, spent
    while first < size do
      at, spent = unpacked('<dd', raw, first)
      if at > leaving then break end
      own = own - spent
      first = first + 16
    end
    local missing = own + cost - limit
    local last, lastSpent = 0, 0
    if first < size then last, lastSpent = unpacked('<dd', raw, size - 15) end
    if missing > 0 then
      local from = first
      while from < size - 15 do
        at, spent = unpacked('<dd', raw, from)
        missing = missing - spent
        if missing <= 0 then break end
        from = from + 16
      end
      if from < size then at = unpacked('<d', raw, from) else at = now end
      room = at + span
    elseif ban <= now then
      own = own + cost
      local moment = step == 1 and now or ceil(now / step) * step
      if first < size and moment <= last then
        body = sub(raw, first, size - 16) .. pack('<dd', last, lastSpent + cost)
      else
        last = moment
        body = (first < size and sub(raw, first) or '') .. pack('<dd', moment, cost)
      end
      first, size = 0, 1
    end
    reset = first < size and last + span - now or 0
    left = limit - own
  end
  if left < 0 then left = 0 end
  if ban > now then return form('0 %.0f 0 %.0f 0 1 0 0 %.0f', ban - now, reset, now) end
  if room > now then return form('0 %.0f %.0f %.0f 0 0 0 0 %.0f', room - now, left, reset, now) end
  local kept = strikes > 0 and max(reset, till - now) or reset
  if kept > 0 then
    local state = ARGV[3] .. pack('<dddd', ban, strikes, till, own) .. body
    redis.call('SET', KEYS[1], state, 'PX', ceil(kept / 1000) + 1)
  elseif raw then redis.call('DEL', KEYS[1]) end
  return form('1 0 %.0f %.0f 0 0 0 %.0f %.0f', left, reset, cost, now)
end

local s = {0, 0, 0, {}}
local letter = raw and sub(raw, 1, 1)
if letter == 'g' or letter == 'w' then
  local own
  s[1], s[2], s[3], own = unpacked('<dddd', raw, 2)
  if letter == 'g' then s[4] = {own}
  else
    local part = {own}
    for from = 34, #raw - 7, 8 do part[#part + 1] = unpacked('<d', raw, from) end
    s[4] = {part}
  end
elseif raw then s = cmsgpack.unpack(raw) end

local base = short and 2 or 9
local op, cost = short and 'take' or ARGV[1], tonumber(ARGV[2])
local maxWait, debt, ban, taken, banAfter, banWithin, banFor = 0, 0, 0, 0, 0, 0, 0
if not short then
  maxWait, debt, ban, taken = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
  banAfter, banWithin, banFor = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
end
local n = (#ARGV - base) / 4
local parts, gcra, limits, spans, steps = s[4], {}, {}, {}, {}

local function adapt()
  for i = 1, n do
    local part, g = parts[i], gcra[i]
    if g then
      if type(part) ~= 'number' then parts[i] = 0 end
    elseif type(part) ~= 'table' then parts[i] = {0}
    else
      local f, left = 2, now - spans[i]
      while part[f] and part[f] <= left do
        part[1] = part[1] - part[f + 1]
        f = f + 2
      end
      if f > 2 then
        local live, size = {part[1]}, 1
        for at = f, #part do
          size = size + 1
          live[size] = part[at]
        end
        parts[i] = live
      end
    end
  end
  for i = #parts, n + 1, -1 do parts[i] = nil end
end

local function roomAt(i, c)
  local part = parts[i]
  if gcra[i] then return max(now, max(part, now) + (c - limits[i]) * steps[i]) end
  local missing = part[1] + c - limits[i]
  if missing <= 0 then return now end
  local at = 2
  while at < #part - 1 do
    missing = missing - part[at + 1]
    if missing <= 0 then break end
    at = at + 2
  end
  return (part[at] or now) + spans[i]
end

local function takeAll(c, at)
  for i = 1, n do
    local part = parts[i]
    if gcra[i] then parts[i] = max(part, at) + c * steps[i]
    else
      local last = #part > 1 and part[#part - 1] or 0
      local t = max(last, ceil(at / steps[i]) * steps[i])
      part[1] = part[1] + c
      if t == last then part[#part] = part[#part] + c
      else
        local size = #part
        part[size + 1] = t
        part[size + 2] = c
      end
    end
  end
end

local function reset()
  local longest = 0
  for i = 1, n do
    local part = parts[i]
    if gcra[i] then longest = max(longest, part - now)
    elseif #part > 1 then longest = max(longest, part[#part - 1] + spans[i] - now) end
  end
  return longest
end

local function save()
  local kept = max(reset(), s[1] - now, s[2] > 0 and s[3] - now or 0, 0)
  if kept > 0 then
    local state
    if n > 1 then state = cmsgpack.pack(s)
    elseif gcra[1] then state = 'g' .. pack('<dddd', s[1], s[2], s[3], parts[1])
    else
      local packed = {'w', pack('<dddd', s[1], s[2], s[3], parts[1][1])}
      for at = 2, #parts[1] do packed[at + 1] = pack('<d', parts[1][at]) end
      state = table.concat(packed)
    end
    redis.call('SET', KEYS[1], state, 'PX', ceil(kept / 1000) + 1)
  elseif raw then redis.call('DEL', KEYS[1]) end
end

local function reply(allowed, wait, banned, newly, rule, spent)
  local tightest, least = 1, math.huge
  for i = 1, n do
    local left
    if gcra[i] then
      left = max(0, floor((limits[i] * steps[i] - max(0, parts[i] - now)) / steps[i]))
    else left = max(0, limits[i] - parts[i][1]) end
    if left < least then tightest, least = i, left end
  end
  if banned == 1 then least = 0 end
  local at = now + (spent and wait or 0)
  local said = {allowed, wait, least, reset(), (rule or tightest) - 1, banned, newly, spent or 0, at}
  for i = 1, 9 do said[i] = form('%.0f', said[i]) end
  return table.concat(said, ' ')
end

local function answer(newly)
  if s[1] > now then return reply(0, s[1] - now, 1, newly) end
  local latest, which = now, nil
  for i = 1, n do
    local at = roomAt(i, cost)
    if at > latest then latest, which = at, i end
  end
  if which == nil then return reply(1, 0, 0, newly) end
  return reply(0, latest - now, 0, newly, which)
end

for i = 1, n do
  local at = base - 3 + i * 4
  gcra[i] = ARGV[at] == 'g'
  limits[i], spans[i], steps[i] = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
end
adapt()
if debt > 0 then takeAll(debt, now) end
if op == 'look' then return answer(0) end
if op == 'take' then
  if s[1] <= now then
    local at = now
    for i = 1, n do at = max(at, roomAt(i, cost)) end
    if at - now <= maxWait then
      takeAll(cost, at)
      save()
      return reply(1, at - now, 0, 0, nil, cost)
    end
    if banAfter > 0 then
      if s[2] == 0 or s[3] <= now then s[2], s[3] = 0, now + banWithin end
      s[2] = s[2] + 1
      local newly = 0
      if s[2] >= banAfter then s[1], s[2], newly = now + banFor, 0, 1 end
      save()
      return answer(newly)
    end
  end
  if debt > 0 then save() end
  return answer(0)
end
if op == 'note' then takeAll(cost, now)
elseif op == 'back' then
  for i = 1, n do
    local part = parts[i]
    if not gcra[i] and taken > now - spans[i] then
      local rest = cost
      while rest > 0 and #part > 1 do
        local less = math.min(rest, part[3])
        rest = rest - less
        part[1] = part[1] - less
        part[3] = part[3] - less
        if part[3] == 0 then
          table.remove(part, 2)
          table.remove(part, 2)
        end
      end
    end
  end
elseif op == 'reset' then
  s[2], s[4] = 0, {}
  parts = s[4]
  adapt()
else
  s[1] = ban > 0 and now + ban or 0
  s[2] = 0
end
save()
return answer(0)
`

const ruleArgs = new WeakMap<readonly Rule[], readonly (string | number)[]>()

function argsOf(rules: readonly Rule[]): readonly (string | number)[] {
  const known = ruleArgs.get(rules)
  if (known) return known
  const args = rules.flatMap((rule) => {
    const { limit, burst, windowUs, bucketUs, intervalUs } = rule
    return rule.kind === 'gcra' ? ['g', burst, windowUs, intervalUs] : ['w', limit, windowUs, bucketUs]
  })
  ruleArgs.set(rules, args)
  return args
}

export const limitScript: StepScript<LimitInput, LimitResult> = {
  lua,
  args: (input) => {
    const { operation, rules, ban, cost, maxWaitUs, debt, banUs, atUs } = input
    const usual =
      operation === 'take' && rules.length === 1 && ban.after === 0 && debt === 0 && maxWaitUs === 0
    if (usual) return ['one', cost, ...argsOf(rules)]
    const { after, withinUs, forUs } = ban
    const takenUs = Math.min(atUs, Number.MAX_SAFE_INTEGER)
    return [operation, cost, maxWaitUs, debt, banUs, takenUs, after, withinUs, forUs, ...argsOf(rules)]
  },
  output: (reply, { rules }) => {
    // Numbers with blanks between them: one text is read sooner than nine numbers.
    const [allowed, waitUs = 0, remaining = 0, resetUs = 0, index = 0, banned, newly, cost = 0, atUs = 0] =
      String(reply).split(' ').map(Number)
    const rule = rules[index]
    return {
      allowed: allowed === 1,
      limit: rule?.limit ?? 0,
      remaining,
      retryAfterMs: waitUs / 1000,
      resetAfterMs: resetUs / 1000,
      rule: rule?.name ?? '',
      banned: banned === 1,
      newlyBanned: newly === 1,
      cost,
      atUs,
      local: false,
    }
  },
}
