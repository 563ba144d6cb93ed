import type { FastifyReply, FastifyRequest } from 'fastify'

const keepAliveMs = 15_000

/** Server-sent events to one browser. */
export interface EventStream {
  send(data: unknown): void
  /** Runs when the browser or the server ends the stream. */
  onEnd(callback: () => void): void
}

/** Turns a request into a stream of events, which lasts until either side ends it. */
export function openEventStream(request: FastifyRequest, reply: FastifyReply): EventStream {
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
  response.on('close', () => clearInterval(keepAlive))
  return {
    send: (data) => {
      if (!response.writableNeedDrain) response.write(`data: ${JSON.stringify(data)}\n\n`)
    },
    onEnd: (callback) => void response.on('close', callback),
  }
}
