/** How many records the log keeps; a record may hold many keys. */
export const logLength = 1000

/**
 * Appends to the log and publishes. One message for neighbouring changes of one kind:
 * \`{"e":epoch,"s":sequence,"n":count,"k":[keys]}\`, with "t" and tags or "c":true for a clear. It stands for the changes
 * s-n+1 … s; its id in the log is \`s-0\`.
 *
 * @param publish `PUBLISH`, or `SPUBLISH` on a cluster.
 */
export function telling(publish: 'PUBLISH' | 'SPUBLISH'): string {
  return `
local toldKind, toldNames, toldCount
local function send(body, count)
  local message = '{"e":"' .. epoch .. '","s":' .. int(seq) .. ',"n":' .. count .. ',' .. body .. '}'
  redis.call('XADD', ns .. 'log', 'MAXLEN', '~', '${logLength}', int(seq) .. '-0', 'm', message)
  redis.call('${publish}', ns .. 'changes', message)
end
local function names(list) return #list == 0 and '[]' or cjson.encode(list) end
local function flush()
  if not toldKind then return end
  local kind = toldKind
  toldKind = nil
  send('"' .. kind .. '":' .. (kind == 'c' and 'true' or names(toldNames)), toldCount)
end
local function tell(kind, list)
  if toldKind ~= kind or kind ~= 'k' then
    flush()
    toldKind, toldNames, toldCount = kind, {}, 0
  end
  seq, toldCount = seq + 1, toldCount + 1
  for _, name in ipairs(list) do toldNames[#toldNames + 1] = name end
end
`
}
