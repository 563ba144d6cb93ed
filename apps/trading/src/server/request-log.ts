import { type FastifyReply, type FastifyRequest, LogController } from 'fastify'

/** One line for each request, when it is answered; without query, headers and body, where secrets travel. */
export class RequestLog extends LogController {
  override incomingRequest(): void {
    // The line at the end says all of it.
  }

  override requestCompleted(
    error: Error | null | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    const { method, url, ip } = request
    const record = {
      method,
      path: url.split('?', 1)[0],
      ip,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    }
    if (error instanceof Error) reply.log.error({ ...record, err: error }, 'request failed')
    else reply.log.info(record, 'request')
  }
}
