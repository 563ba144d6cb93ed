import {
  entries,
  indexing,
  notes,
  prelude,
  requireHello,
  requireTime,
  settingAside,
  writing,
} from './prelude.ts'
import { logLength, telling } from './telling.ts'

/** Entries past the plain read: where tags have to be looked up, or the server's time is not known. */
export const readSource: string = `${prelude}${requireHello}${entries}
local reply = {'read', nowText, state}
for index = 3, #ARGV do
  local value = text(entryKey(ARGV[index]))
  reply[index + 1] = live(value) and value or false
end
return reply
`

/** ARGV: …, deadline, key, token, lease in ms, 1 to refresh. */
export const acquireSource: string = `${prelude}${requireHello}${requireTime}
local key, token, leaseMs, refresh = ARGV[4], ARGV[5], tonumber(ARGV[6]), ARGV[7] == '1'
local value = redis.pcall('GET', ns .. 'v' .. version .. ':' .. key)
-- A plain hit, before anything else is set up for the other cases.
if not refresh and type(value) == 'string' and #value >= 79 and string.byte(value) == 202 then
  local _, of, at, _, fresh, gone = struct.unpack('>Bc12dddd', value)
  if of == epoch and at >= cleared and now < fresh and now < gone then
    local tags = struct.unpack('>I2', value, 78 + struct.unpack('>I2', value, 76))
    if tags == 0 or at >= tagged then return {'hit', nowText, state, value} end
  end
end
${entries}${notes}
local at, _, fresh = live(value)
if at and now < fresh and not refresh then return {'hit', nowText, state, value} end
local kind, _, forMs = presentNote(key)
if kind and not (kind == 'T' and not at) then
  if at then return {'stale', nowText, state, value, 0} end
  if kind == 'U' then return {'unstored', nowText, state} end
  return {'wait', nowText, state, math.ceil(forMs)}
end
knowVersion()
lend(key, 'L ' .. epoch .. ' ' .. int(seq) .. ' ' .. token, leaseMs)
if at then return {'stale', nowText, state, value, 1} end
return {'lease', nowText, state}
`

/** ARGV: …, deadline, key, epoch, sequence, token, lease in ms. */
export const renewSource: string = `${prelude}${requireHello}${requireTime}${entries}${notes}
local key = ARGV[4]
if not owns(key, ARGV[5], ARGV[6], ARGV[7]) then return {'no', nowText, state} end
local _, note = presentNote(key)
lend(key, note, tonumber(ARGV[8]))
return {'yes', nowText, state}
`

/** ARGV: …, deadline, key, epoch, sequence, token, kind, for ms, tags. */
export const releaseSource: string = `${prelude}${requireHello}${requireTime}${entries}${notes}
local key, at, kind, forMs = ARGV[4], ARGV[6], ARGV[8], tonumber(ARGV[9])
if not owns(key, ARGV[5], at, ARGV[7]) then return {'no', nowText, state} end
endLease(key)
if kind == 'F' then return {'yes', nowText, state} end
local tags = {}
for index = 10, #ARGV do tags[#tags + 1] = ARGV[index] end
if kind == 'U' and not tagsPermit(tags, tonumber(at)) then return {'no', nowText, state} end
if forMs > 0 then
  lend(key, kind .. ' ' .. epoch .. ' ' .. int(seq), forMs)
end
return {'yes', nowText, state}
`

/** ARGV: …, deadline, limits, used keys, key, epoch, sequence, token, entry. */
export const fillSource: string = `${prelude}${requireHello}${requireTime}${entries}${notes}${writing}
local key, leaseEpoch, at, token, blob = unpack(ARGV, nextArgument, nextArgument + 4)
if leaseEpoch ~= epoch then return {'epoch', nowText, state} end
if not owns(key, leaseEpoch, at, token) then return {'lease', nowText, state} end
local full = mayGrow()
endLease(key)
if full then return full end
local value, gone, size, tags = packed(blob, tonumber(at))
if not tagsPermit(tags, tonumber(at)) then return {'invalidated', nowText, state} end
if blobVersion(blob) then
  local stored = text(entryKey(key))
  if live(stored) and isOlder(blob, stored) then return {'version', nowText, state} end
end
knowVersion()
write(key, value, gone, size)
keepLimits()
return {'filled', nowText, state, expired, overEntries, overBytes}
`

/**
 * Sets without conditions, versions and tags, with no limit of bytes: what most writes are, without what the others need.
 * ARGV: …, deadline, limits, used keys, the keys as JSON, then each key with its times, empty where they are those of the
 * one before, and its entry without them. Where the cache has other schema versions, the general script is needed.
 */
export function putSource(publish: 'PUBLISH' | 'SPUBLISH'): string {
  return `${prelude}${requireHello}${requireTime}${indexing}
if versions ~= ',' .. version .. ',' then
  if versions ~= ',' then return {'general', nowText, state} end
  versions = ',' .. version .. ','
end
local maxEntries, used = tonumber(ARGV[4]), tonumber(ARGV[6])
local from, before = 8 + used, seq
local count = (#ARGV - from + 1) / 3
seq = seq + count
-- A full server refuses this, and nothing after it.
state = table.concat({epoch, run, int(seq), int(tagged), int(cleared), int(floor), versions}, ' ')
local reply = redis.pcall('SET', stateKey, state)
if reply.err then return reply end
local keys, index, uses = {}, {}, {}
local entryPrefix, headStart = ns .. 'v' .. version .. ':', struct.pack('>Bc12', 202, epoch)
-- Entries of one batch mostly have the same times and lengths of revisions: what is made of them is kept.
local times, score, px, lastLength, length
for n = 1, count do
  local at = from + 3 * n - 3
  local key, ownTimes, body = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  if ownTimes ~= '' then
    local fresh, kept, age = struct.unpack('>ddd', ownTimes)
    times, score = struct.pack('>ddd', now - age, now + fresh, now + kept), indexScore(kept)
    px = kept < 1e14 and string.format('%.0f', math.ceil(kept))
  end
  local high, low = string.byte(body, 27, 28)
  if high * 256 + low ~= lastLength then
    lastLength = high * 256 + low
    length = struct.pack('>I4', 79 + lastLength)
  end
  local value = headStart .. struct.pack('>d', before + n) .. times .. length .. body
  if px then redis.call('SET', entryPrefix .. key, value, 'PX', px)
  else redis.call('SET', entryPrefix .. key, value) end
  keys[n], index[2 * n - 1], index[2 * n] = key, score, key
  if maxEntries >= 0 then uses[2 * n - 1], uses[2 * n] = now + (used + n) / 1000, key end
end
redis.call('HDEL', ns .. 'l' .. version, unpack(keys))
redis.call('ZADD', ns .. 'i' .. version, unpack(index))
local message = '{"e":"' .. epoch .. '","s":' .. int(seq) .. ',"n":' .. count .. ',"k":' .. ARGV[from - 1] .. '}'
redis.call('XADD', ns .. 'log', 'MAXLEN', '~', '${logLength}', int(seq) .. '-0', 'm', message)
redis.call('${publish}', ns .. 'changes', message)
if maxEntries >= 0 then
  redis.call('ZADD', ns .. 'u' .. version, unpack(uses))
  if used > 0 or redis.call('ZCARD', ns .. 'i' .. version) > maxEntries then
    ${entries}${writing}
    keepLimits()
    return {'put', nowText, state, expired, overEntries, overBytes, int(before)}
  end
end
return {'put', nowText, state, 0, 0, 0, int(before)}
`
}

/** What each kind of change does. */
const changing = `
local outcomes, sequences = {}, {}
local function done(outcome, before)
  outcomes[#outcomes + 1] = outcome
  sequences[#sequences + 1] = seq > before and seq or 0
end
local function holds(condition, value)
  if condition == '' then return true end
  if condition == 'A' then return value == nil end
  return value ~= nil and revisionOf(value) == string.sub(condition, 2)
end
local function present(key)
  local value = text(entryKey(key))
  return live(value) and value or nil
end
local function forget(key)
  tell('k', {key})
  redis.call('HDEL', notesKey(), key)
  if not isAlone() then forgetElsewhere(key) end
end
local function set(key, condition, blob)
  local value = (condition ~= '' or blobVersion(blob)) and present(key) or nil
  if not holds(condition, value) then return 'conflict' end
  if isOlder(blob, value) then return 'older' end
  forget(key)
  local stored, gone, size = packed(blob, seq)
  write(key, stored, gone, size)
  return 'applied'
end
local function delete(key, condition)
  local value = present(key)
  if value and not holds(condition, value) then return 'conflict' end
  if not value and condition ~= '' then return 'absent' end
  forget(key)
  drop(key, version)
  return value and 'applied' or 'absent'
end
local function expire(key, condition, times)
  local value = present(key)
  if not value then return 'absent' end
  if not holds(condition, value) then return 'conflict' end
  forget(key)
  local fresh, kept = struct.unpack('>dd', times)
  local born = struct.unpack('>d', value, 22)
  local size = struct.unpack('>d', value, 52)
  local head = struct.pack('>Bc12dddd', 202, epoch, seq, born, now + fresh, now + kept)
  write(key, head .. string.sub(value, 46), now + kept, size)
  return 'applied'
end
local function recordTags(tags)
  tell('t', tags)
  tagged = seq
  for from = 1, #tags, 500 do
    local pairsOf = {}
    for index = from, math.min(from + 499, #tags) do
      pairsOf[#pairsOf + 1] = int(seq)
      pairsOf[#pairsOf + 1] = tags[index]
    end
    redis.call('ZADD', ns .. 'tags', unpack(pairsOf))
  end
  local count = redis.call('ZCARD', ns .. 'tags')
  if count <= 20000 then return end
  local last = redis.call('ZRANGE', ns .. 'tags', count - 10001, count - 10001, 'WITHSCORES')
  floor = math.max(floor, tonumber(last[2]))
  redis.call('ZREMRANGEBYRANK', ns .. 'tags', 0, count - 10001)
end
`

/**
 * ARGV: …, deadline, limits, used keys, G where something is stored, then changes: S key condition entry · D key condition · E key condition
 * times · T count tags · C. A condition is empty, A (absent) or R and a revision.
 */
export function changeSource(publish: 'PUBLISH' | 'SPUBLISH'): string {
  return `${prelude}${requireHello}${requireTime}${entries}${notes}${writing}${settingAside}${telling(publish)}${changing}
if ARGV[nextArgument] == 'G' then
  local full = mayGrow()
  if full then return full end
  nextArgument = nextArgument + 1
else
  -- What only removes has to be possible on a full server as well: after one such command all others are let through.
  redis.call('UNLINK', ns .. 'none')
end
knowVersion()
local before = seq
while nextArgument <= #ARGV do
  local at, kind, last = nextArgument, ARGV[nextArgument], seq
  if kind == 'S' then
    done(set(ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]), last)
    nextArgument = at + 4
  elseif kind == 'D' then
    done(delete(ARGV[at + 1], ARGV[at + 2]), last)
    nextArgument = at + 3
  elseif kind == 'E' then
    done(expire(ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]), last)
    nextArgument = at + 4
  elseif kind == 'T' then
    local tags, count = {}, tonumber(ARGV[at + 1])
    for index = 1, count do tags[index] = ARGV[at + 1 + index] end
    recordTags(tags)
    done('applied', last)
    nextArgument = at + 2 + count
  else
    tell('c', {})
    cleared = seq
    setAside()
    done('applied', last)
    nextArgument = at + 1
  end
end
flush()
if seq ~= before then save() end
keepLimits()
return {'changed', nowText, state, expired, overEntries, overBytes, outcomes, sequences}
`
}

/** ARGV: …, epoch, sequence. At most 2,000 records: whoever is further behind begins anew. */
export const changesSource: string = `${prelude}${requireHello}
local at = tonumber(ARGV[4])
if ARGV[3] ~= epoch or not at or at > seq then return {'reset', nowText, state} end
if at == seq then return {'log', nowText, state, {}} end
local records = redis.call('XRANGE', ns .. 'log', int(at + 1) .. '-0', '+', 'COUNT', 2001)
if #records == 0 or #records > 2000 then return {'reset', nowText, state} end
local messages = {}
for index = 1, #records do messages[index] = records[index][2][2] end
return {'log', nowText, state, messages}
`

/** ARGV: …, cursor, pattern, count, tag or nothing. */
export const scanSource: string = `${prelude}${requireHello}${entries}
local cursor, pattern, count, tag = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local page = redis.call('ZSCAN', ns .. 'i' .. version, cursor, 'MATCH', pattern, 'COUNT', count)
local function headOf(key)
  local head = redis.pcall('GETRANGE', entryKey(key), 0, 1023)
  if not isOurs(head) then return nil end
  local length = struct.unpack('>I4', head, 46)
  if length > #head then head = redis.call('GETRANGE', entryKey(key), 0, length - 1) end
  return head
end
local function carries(head)
  if not tag then return true end
  for _, each in ipairs((tagsOf(head))) do
    if each == tag then return true end
  end
  return false
end
local keys = {}
for index = 1, #page[2], 2 do
  local head = headOf(page[2][index])
  if head and live(head) and carries(head) then keys[#keys + 1] = page[2][index] end
end
return {'page', nowText, state, page[1], keys}
`

/** Keys whose lease is held. ARGV: …, cursor, pattern, count. */
export const leasesSource: string = `${prelude}${requireHello}${entries}${notes}
local page = redis.call('ZSCAN', leasesKey(), ARGV[3], 'MATCH', ARGV[4], 'COUNT', ARGV[5])
local keys = {}
for index = 1, #page[2], 2 do
  if presentNote(page[2][index]) == 'L' then keys[#keys + 1] = page[2][index] end
end
return {'page', nowText, state, page[1], keys}
`

/** Entries that are not past their time; those that a tag made void count until they are replaced or past it. */
export const countSource: string = `${prelude}${requireHello}
return {'count', nowText, state, redis.call('ZCOUNT', ns .. 'i' .. version, '(' .. nowText, '+inf')}
`

/** ARGV: …, deadline, limits, used keys, limit. Replies how many entries were past their time and how many were put aside. */
export const purgeSource: string = `${prelude}${requireHello}${requireTime}${entries}${writing}
local limit = tonumber(ARGV[nextArgument])
local gone = dropExpired(limit)
local ended = redis.call('ZRANGEBYSCORE', ns .. 'n' .. version, '-inf', nowText, 'LIMIT', 0, 1000)
if #ended > 0 then
  redis.call('HDEL', ns .. 'l' .. version, unpack(ended))
  redis.call('ZREM', ns .. 'n' .. version, unpack(ended))
end
local function dropAside(name, count)
  local of = string.match(name, ':(%d+)$')
  local popped = redis.call('ZPOPMIN', name, count)
  local names = {}
  for index = 1, #popped, 2 do
    if not redis.call('ZSCORE', ns .. 'i' .. of, popped[index]) then
      names[#names + 1] = entryKey(popped[index], of)
    end
  end
  unlinkAll(names)
  if #popped == 0 then redis.call('SREM', ns .. 'olds', name) end
  return #popped / 2
end
local aside = 0
while aside < limit do
  local name = redis.call('SRANDMEMBER', ns .. 'olds')
  if not name then break end
  aside = aside + dropAside(name, limit - aside)
end
keepLimits()
return {'purged', nowText, state, expired, overEntries, overBytes, gone, aside}
`

/** ARGV: …, deadline, names of entries without what all keys begin with. Removes those that no index knows. */
export const sweepSource: string = `${prelude}${requireHello}${requireTime}
local orphans = {}
for index = 4, #ARGV do
  local of, key = string.match(ARGV[index], '^v(%d+):(.*)$')
  if of and not redis.call('ZSCORE', ns .. 'i' .. of, key) then orphans[#orphans + 1] = ns .. ARGV[index] end
end
for from = 1, #orphans, 1000 do
  redis.call('UNLINK', unpack(orphans, from, math.min(from + 999, #orphans)))
end
return {'swept', nowText, state, #orphans}
`

/**
 * HELLO. ARGV: …, a new epoch, 1 to trust the server's data, the schema versions that are used here, as in the state. A state of another run of the server, or none, begins a new
 * epoch; its first sequence is above the last one and at least the server's time in microseconds, so that sequences grow
 * even where the state was lost.
 */
export function helloSource(publish: 'PUBLISH' | 'SPUBLISH'): string {
  return `${prelude}${settingAside}
if owner == run then return {'same', nowText, state} end
if owner and ARGV[4] == '1' then
  save()
  return {'trusted', nowText, state}
end
local known = owner ~= nil
epoch, versions = ARGV[3], versions or ARGV[5]
seq = math.max((seq or 0) + 1, math.floor(now * 1000))
tagged, cleared, floor = seq, seq, seq
setAside()
redis.call('UNLINK', ns .. 'tags', ns .. 'log')
redis.call('${publish}', ns .. 'changes', '{"e":"' .. epoch .. '","s":' .. int(seq) .. ',"n":1,"c":true}')
save()
return {known and 'cold' or 'new', nowText, state}
`
}
