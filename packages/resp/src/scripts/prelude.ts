/**
 * What every script begins with: server time, the state of the namespace, and whether this connection may act on it.
 *
 * `KEYS[1]` is the state; all other keys are made from it and lie in the same slot. `ARGV[1]` is the run id of the
 * server at the other end of the connection and `ARGV[2]` the cache's schema version.
 *
 * The state is one string, `epoch runId sequence tagged cleared floor versions`, so that a plain read gets it with the
 * entries in one MGET. `tagged` is the sequence of the latest invalidation of a tag, `cleared` that of the latest clear
 * or epoch, and tags without a record were last invalidated at `floor` or before. Replies begin with a word and the time.
 */
export const prelude: string = `
local stateKey, run, version = KEYS[1], ARGV[1], ARGV[2]
local ns = string.sub(stateKey, 1, -6)
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local nowText = string.format('%.3f', now)
local state = redis.call('GET', stateKey)
local epoch, owner, seq, tagged, cleared, floor, versions
if state then
  epoch, owner, seq, tagged, cleared, floor, versions =
    string.match(state, '^(%S+) (%S+) (%d+) (%d+) (%d+) (%d+) (%S+)$')
  if not epoch then return redis.error_reply('FOREIGN the state is not of this library') end
  seq, tagged, cleared, floor = tonumber(seq), tonumber(tagged), tonumber(cleared), tonumber(floor)
end
local function int(number) return string.format('%.0f', number) end
local function save()
  state = table.concat({epoch, run, int(seq), int(tagged), int(cleared), int(floor), versions}, ' ')
  redis.call('SET', stateKey, state)
end
`

/** Ends a script on a connection whose server is not the one that the state belongs to: HELLO comes first. */
export const requireHello: string = `
if owner ~= run then return {'hello', nowText} end
`

/** Ends a script that changes something when it runs later than its caller waits: `ARGV[3]`, in server time. */
export const requireTime: string = `
if now > tonumber(ARGV[3]) then return {'late', nowText} end
`

/**
 * Reading entries. Bytes of one, big-endian: 0xCA, epoch (12), sequence, born, fresh until, gone at (doubles), length of
 * the head (4), flags, format, size, load time, version (doubles), revision (2 + n), tags (2, each 2 + n and the
 * generation, a double), payload.
 *
 * A tag holds when its record equals what the entry has of it. One without a record was last invalidated at `floor` or
 * before, so that it holds for what is younger than that. Where all records are gone, they count as just invalidated.
 */
export const entries: string = `
local function entryKey(key, of) return ns .. 'v' .. (of or version) .. ':' .. key end
local function text(key)
  local value = redis.pcall('GET', key)
  return type(value) == 'string' and value or nil
end
local function tagsOf(value)
  local length = struct.unpack('>I2', value, 76)
  local count, at = struct.unpack('>I2', value, 78 + length)
  local tags, recorded = {}, {}
  for index = 1, count do
    length, at = struct.unpack('>I2', value, at)
    tags[index] = string.sub(value, at, at + length - 1)
    recorded[index], at = struct.unpack('>d', value, at + length)
  end
  return tags, recorded
end
local recordsChecked = false
local function generations(tags)
  if not recordsChecked then
    recordsChecked = true
    if tagged > floor and redis.call('EXISTS', ns .. 'tags') == 0 then floor = tagged end
  end
  local all = {}
  for from = 1, #tags, 1000 do
    local found = redis.call('ZMSCORE', ns .. 'tags', unpack(tags, from, math.min(from + 999, #tags)))
    for index = 1, #found do all[from + index - 1] = tonumber(found[index] or nil) or false end
  end
  return all
end
local function tagsHold(value, at)
  local tags, recorded = tagsOf(value)
  if #tags == 0 then return true end
  local present = generations(tags)
  for index = 1, #tags do
    if present[index] then
      if present[index] ~= recorded[index] then return false end
    elseif at < floor or recorded[index] > floor then return false end
  end
  return true
end
local function isOurs(value)
  return type(value) == 'string' and #value >= 79 and string.byte(value) == 202
end
-- The head alone is enough. Returns sequence, born, fresh until, gone at; nothing for an entry that is void or gone.
local function live(value)
  if not isOurs(value) then return nil end
  local _, of, at, born, fresh, gone = struct.unpack('>Bc12dddd', value)
  if of ~= epoch or at < cleared or not (now < gone) then return nil end
  if at < tagged and not tagsHold(value, at) then return nil end
  return at, born, fresh, gone
end
local function versionOf(value)
  if math.floor(string.byte(value, 50) / 2) % 2 == 0 then return nil end
  return (struct.unpack('>d', value, 68))
end
local function revisionOf(value)
  local length = struct.unpack('>I2', value, 76)
  return string.sub(value, 78, 77 + length)
end
`

/**
 * Leases and markers, in the hash `l<version>`: `L epoch sequence token until`, `U epoch sequence until` (unstored) and
 * `T epoch sequence until` (throttle). One hash, because a write has to end the leases of all its keys, and where there
 * are none that costs nothing. `n<version>` lists their keys with the time they end at; what ended without a word stays
 * in it until `purge`.
 */
export const notes: string = `
local function leasesKey() return ns .. 'n' .. version end
local function notesKey(of) return ns .. 'l' .. (of or version) end
local function lend(key, note, forMs)
  local untilMs = now + math.max(1, forMs)
  redis.call('HSET', notesKey(), key, note .. string.format(' %.3f', untilMs))
  redis.call('ZADD', leasesKey(), untilMs, key)
end
local function endLease(key)
  redis.call('HDEL', notesKey(), key)
  redis.call('ZREM', leasesKey(), key)
end
-- Its kind, what it says, and for how long it holds.
local function presentNote(key)
  local note = redis.pcall('HGET', notesKey(), key)
  if type(note) ~= 'string' then return nil end
  local body, untilMs = string.match(note, '^(.*) (%S+)$')
  local kind, of, at = string.match(body or '', '^([LUT]) (%S+) (%d+)')
  if of ~= epoch or tonumber(at) < cleared or tonumber(untilMs) <= now then return nil end
  return kind, body, tonumber(untilMs) - now
end
local function owns(key, leaseEpoch, leaseSeq, token)
  if leaseEpoch ~= epoch then return false end
  local _, note = presentNote(key)
  return note == 'L ' .. leaseEpoch .. ' ' .. leaseSeq .. ' ' .. token
end
local function knowVersion()
  if string.find(versions, ',' .. version .. ',', 1, true) then return end
  versions = versions .. version .. ','
  save()
end
local function tagsPermit(tags, at)
  local present = generations(tags)
  for index = 1, #tags do
    if (present[index] or floor) > at then return false end
  end
  return true
end
`

/**
 * The time that an entry is listed with in `i<version>`: when it is gone, later by up to a 128th of the time it is kept.
 * Entries that are written anew within that keep their place in the index, which is most of what listing them costs.
 */
export const indexing: string = `
local function indexScore(kept)
  if kept >= 1e14 then return '+inf' end
  local _, exponent = math.frexp(kept)
  local step = math.ldexp(1, exponent - 8)
  return string.format('%.3f', math.ceil((now + kept) / step) * step)
end
`

/**
 * Writing entries and keeping the limits. `i<version>` holds each key with its {@link indexing} time, `u<version>` with the
 * time of its latest use (only under a limit), `z<version>` its size and `b<version>` the sum of sizes (only under a limit of bytes).
 *
 * `ARGV[4]` and `ARGV[5]` are the limits, -1 for none; `ARGV[6]` is how many keys follow that were used meanwhile.
 */
export const writing: string = `${indexing}
local maxEntries, maxBytes, used = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local bounded = maxEntries >= 0 or maxBytes >= 0
local nextArgument = 7 + used
local expired, overEntries, overBytes, ticks = 0, 0, 0, 0
-- A full server refuses the first command of a script that needs memory, and no later one: the first is this one.
local function mayGrow()
  local reply = redis.pcall('SET', stateKey, state)
  return reply.err and reply or nil
end
local function unlinkAll(names)
  for from = 1, #names, 1000 do
    redis.call('UNLINK', unpack(names, from, math.min(from + 999, #names)))
  end
end
local function forgetSize(key, of)
  local size = redis.call('HGET', ns .. 'z' .. of, key)
  if not size then return end
  redis.call('HDEL', ns .. 'z' .. of, key)
  redis.call('INCRBYFLOAT', ns .. 'b' .. of, -size)
end
local function dropFromIndex(key, of)
  redis.call('ZREM', ns .. 'i' .. of, key)
  local other = of ~= version
  if bounded or other then redis.call('ZREM', ns .. 'u' .. of, key) end
  if maxBytes >= 0 or other then forgetSize(key, of) end
end
local function drop(key, of)
  redis.call('UNLINK', entryKey(key, of))
  dropFromIndex(key, of)
end
local function forgetElsewhere(key)
  for of in string.gmatch(versions, '%d+') do
    if of ~= version then
      redis.call('UNLINK', entryKey(key, of))
      redis.call('HDEL', ns .. 'l' .. of, key)
      dropFromIndex(key, of)
    end
  end
end
local function use(key)
  ticks = ticks + 1
  redis.call('ZADD', ns .. 'u' .. version, 'XX', now + ticks / 1000, key)
end
local function isAlone() return versions == ',' .. version .. ',' end
local function write(key, value, gone, size)
  local kept = gone - now
  if not (kept > 0) or (maxBytes >= 0 and size > maxBytes) then return drop(key, version) end
  if kept < 1e14 then redis.call('SET', entryKey(key), value, 'PX', math.ceil(kept))
  else redis.call('SET', entryKey(key), value) end
  redis.call('ZADD', ns .. 'i' .. version, indexScore(kept), key)
  if not bounded then return end
  ticks = ticks + 1
  redis.call('ZADD', ns .. 'u' .. version, now + ticks / 1000, key)
  if maxBytes < 0 then return end
  local former = redis.call('HGET', ns .. 'z' .. version, key)
  redis.call('HSET', ns .. 'z' .. version, key, size)
  redis.call('INCRBYFLOAT', ns .. 'b' .. version, size - (former or 0))
end
-- From what a client sends (fresh, kept, age, flags …) to what is stored. Returns it, when it is gone, and its size.
local function packed(blob, at)
  local fresh, kept, age = struct.unpack('>ddd', blob)
  local size = struct.unpack('>d', blob, 27)
  local length = struct.unpack('>I2', blob, 51)
  local count, from = struct.unpack('>I2', blob, 53 + length)
  local body = string.sub(blob, 25, 52 + length)
  local tags, sections = {}, {}
  for index = 1, count do
    local tagLength
    tagLength, from = struct.unpack('>I2', blob, from)
    tags[index] = string.sub(blob, from, from + tagLength - 1)
    from = from + tagLength
  end
  if count > 0 then
    local present = generations(tags)
    for index = 1, count do
      sections[index] = struct.pack('>I2', #tags[index]) .. tags[index] .. struct.pack('>d', present[index] or 0)
    end
  end
  local section = struct.pack('>I2', count) .. table.concat(sections)
  local head = struct.pack('>Bc12ddddI4', 202, epoch, at, now - age, now + fresh, now + kept, 49 + #body + #section)
  return head .. body .. section .. string.sub(blob, from), now + kept, size, tags
end
local function blobVersion(blob)
  if math.floor(string.byte(blob, 25) / 2) % 2 == 0 then return nil end
  return (struct.unpack('>d', blob, 43))
end
local function isOlder(blob, value)
  local ours = blobVersion(blob)
  if not ours or not value then return false end
  local stored = versionOf(value)
  return stored ~= nil and ours < stored
end
local function dropExpired(limit)
  local keys = redis.call('ZRANGEBYSCORE', ns .. 'i' .. version, '-inf', nowText, 'LIMIT', 0, limit)
  for _, key in ipairs(keys) do drop(key, version) end
  expired = expired + #keys
  return #keys
end
local function leastUsed(count)
  local popped = redis.call('ZPOPMIN', ns .. 'u' .. version, count)
  local keys = {}
  for index = 1, #popped, 2 do keys[#keys + 1] = popped[index] end
  if #keys == 0 then keys = redis.call('ZRANGE', ns .. 'i' .. version, 0, count - 1) end
  return keys
end
local function heldBytes() return tonumber(redis.call('GET', ns .. 'b' .. version) or 0) end
local function keepLimits()
  if not bounded then return end
  local count = redis.call('ZCARD', ns .. 'i' .. version)
  local isOver = (maxEntries >= 0 and count > maxEntries) or (maxBytes >= 0 and heldBytes() > maxBytes)
  if not isOver then return end
  count = count - dropExpired(1000)
  while maxEntries >= 0 and count > maxEntries do
    local keys = leastUsed(math.min(count - maxEntries, 500))
    if #keys == 0 then break end
    for _, key in ipairs(keys) do drop(key, version) end
    overEntries, count = overEntries + #keys, redis.call('ZCARD', ns .. 'i' .. version)
  end
  while maxBytes >= 0 and heldBytes() > maxBytes do
    local keys = leastUsed(1)
    if #keys == 0 then break end
    drop(keys[1], version)
    overBytes = overBytes + 1
  end
end
if bounded then
  for index = 7, 6 + used do use(ARGV[index]) end
end
`

/** Puts what a namespace held aside, for `purge` to remove in steps. Constant time. */
export const settingAside: string = `
local function setAside()
  for of in string.gmatch(versions, '%d+') do
    if redis.call('EXISTS', ns .. 'i' .. of) == 1 then
      local name = ns .. 'old:' .. int(seq) .. ':' .. of
      redis.call('RENAME', ns .. 'i' .. of, name)
      redis.call('SADD', ns .. 'olds', name)
    end
    redis.call('UNLINK', ns .. 'u' .. of, ns .. 'z' .. of, ns .. 'b' .. of)
  end
end
`
