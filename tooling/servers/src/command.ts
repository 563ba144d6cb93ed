import { connect, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'

/** A reply of the server; errors are `Error` objects. */
export type Reply = string | number | null | Error | readonly Reply[]

/** Where and as whom a command is sent. */
export interface CommandTarget {
  readonly port: number
  readonly host?: string | undefined
  readonly tls?: ConnectionOptions | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
}

const answerWithinMs = 30_000

/**
 * Sends commands on a connection of their own and resolves with the last reply: for setting up servers, where no
 * client library is to be trusted or needed.
 *
 * @throws the server's error reply to any of them.
 */
export async function sendCommands(
  target: CommandTarget,
  commands: readonly (readonly (string | number)[])[],
): Promise<Reply> {
  const socket = open(target)
  const all = [...authentication(target), ...commands]
  socket.setTimeout(answerWithinMs, () => socket.destroy(new Error('The server did not answer')))
  socket.write(all.map((command) => encode(command)).join(''))
  try {
    const replies = await receive(socket, all.length)
    const failed = replies.find((reply) => reply instanceof Error)
    if (failed) throw failed
    return replies.at(-1) ?? null
  } finally {
    socket.destroy()
  }
}

function open({ host = '127.0.0.1', port, tls }: CommandTarget): Socket {
  return tls ? connectTls({ ...tls, host, port }) : connect({ host, port })
}

function authentication({ username, password }: CommandTarget): readonly (readonly string[])[] {
  if (password === undefined) return []
  return [username === undefined ? ['AUTH', password] : ['AUTH', username, password]]
}

function encode(command: readonly (string | number)[]): string {
  const parts = command.map((part) => `$${Buffer.byteLength(String(part))}\r\n${part}\r\n`)
  return `*${command.length}\r\n${parts.join('')}`
}

async function receive(socket: Socket, count: number): Promise<readonly Reply[]> {
  let buffer = Buffer.alloc(0)
  for await (const chunk of socket) {
    buffer = Buffer.concat([buffer, chunk as Buffer])
    const replies = parseAll(buffer, count)
    if (replies) return replies
  }
  throw new Error('The server closed the connection')
}

function parseAll(buffer: Buffer, count: number): readonly Reply[] | undefined {
  const replies: Reply[] = []
  let offset = 0
  while (replies.length < count) {
    const parsed = parse(buffer, offset)
    if (!parsed) return undefined
    replies.push(parsed.reply)
    offset = parsed.end
  }
  return replies
}

interface Parsed {
  readonly reply: Reply
  readonly end: number
}

/** One reply of RESP2 from `offset`; `undefined` while it is incomplete. */
function parse(buffer: Buffer, offset: number): Parsed | undefined {
  const lineEnd = buffer.indexOf('\r\n', offset)
  if (lineEnd === -1) return undefined
  const line = buffer.toString('utf8', offset + 1, lineEnd)
  const end = lineEnd + 2
  switch (String.fromCharCode(buffer[offset] ?? 0)) {
    case '+':
      return { reply: line, end }
    case '-':
      return { reply: new Error(line), end }
    case ':':
      return { reply: Number(line), end }
    case '$':
      return parseText(buffer, end, Number(line))
    default:
      return parseList(buffer, end, Number(line))
  }
}

function parseText(buffer: Buffer, offset: number, length: number): Parsed | undefined {
  if (length < 0) return { reply: null, end: offset }
  if (buffer.length < offset + length + 2) return undefined
  return { reply: buffer.toString('utf8', offset, offset + length), end: offset + length + 2 }
}

function parseList(buffer: Buffer, offset: number, length: number): Parsed | undefined {
  const items: Reply[] = []
  let end = offset
  for (let index = 0; index < length; index++) {
    const item = parse(buffer, end)
    if (!item) return undefined
    items.push(item.reply)
    ;({ end } = item)
  }
  return { reply: items, end }
}
