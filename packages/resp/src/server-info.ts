import type { CommandReply } from './client/resp-client.ts'

/** A bulk or simple string as text; empty for anything else. */
export function replyText(reply: CommandReply | undefined): string {
  if (typeof reply === 'string') return reply
  if (typeof reply === 'number') return String(reply)
  return reply instanceof Uint8Array ? Buffer.from(reply).toString('utf8') : ''
}

/** The fields of an `INFO` reply. */
export function infoFields(reply: CommandReply): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const line of replyText(reply).split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1))
  }
  return fields
}

/** The items of a list; none for anything else. */
export function replyList(reply: CommandReply | undefined): readonly CommandReply[] {
  return Array.isArray(reply) ? (reply as readonly CommandReply[]) : []
}

/** A reply with text for bytes, as scripts of others expect it. */
export function withText(reply: CommandReply): unknown {
  if (Array.isArray(reply)) return reply.map((each: CommandReply) => withText(each))
  return reply instanceof Uint8Array ? replyText(reply) : reply
}
