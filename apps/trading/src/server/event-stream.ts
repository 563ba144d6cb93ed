import type { FastifyReply, FastifyRequest } from 'fastify'

const keepAliveMs = 15_000
const checkMs = 1000

/** Server-sent events to one browser. */
export interface EventStream {
  send(data: unknown): void
  /** Runs when the browser or the server ends the stream; at once, where it has ended already. */
  onEnd(callback: () => void): void
}

/** Turns a request into a stream of events, which lasts until either side ends it, or the session does. */
export function openEventStream(
  request: FastifyRequest,
  reply: FastifyReply,
  isAllowed: () => Promise<boolean>,
): EventStream {
  reply.hijack()
  const response = reply.raw
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) response.setHeader(name, value)
  }
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  const keepAlive = setInterval(() => response.write(':\n\n'), keepAliveMs).unref()
  request.raw.socket.setTimeout(0)
  const check = setInterval(() => {
    isAllowed().then(
      (allowed) => allowed || response.end(),
      () => response.end(),
    )
  }, checkMs).unref()
  // A browser that went while its request was looked into closes nothing any more.
  const onEnd = (callback: () => void): void => {
    if (response.closed) callback()
    else response.on('close', callback)
  }
  onEnd(() => {
    clearInterval(keepAlive)
    clearInterval(check)
  })
  return {
    send: (data) => {
      if (!response.writableEnded && !response.writableNeedDrain)
        response.write(`data: ${JSON.stringify(data)}\n\n`)
    },
    onEnd,
  }
}
