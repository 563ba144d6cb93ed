import { type FastifyReply, type FastifyRequest, LogController } from 'fastify'

/**
 * One line for each request, when it is answered; without query, headers and body, where secrets travel, and with the
 * names of parameters in place of them: the address of a webhook is a secret too.
 */
export class RequestLog extends LogController {
  override incomingRequest(): void {
    // The line at the end says all of it.
  }

  override requestCompleted(
    error: Error | null | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    const { method, ip } = request
    const record = {
      method,
      path: pathOf(request, reply.statusCode),
      ip,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    }
    if (error instanceof Error) reply.log.error({ ...record, err: error }, 'request failed')
    else reply.log.info(record, 'request')
  }
}

/** Of what was found nowhere only how it begins: it may be a secret address with a slip in it. */
function pathOf({ url, routeOptions }: FastifyRequest, status: number): string {
  const { url: route = '*' } = routeOptions
  if (route.includes(':')) return route
  const [path = ''] = url.split('?', 1)
  const [, first = ''] = path.split('/', 2)
  return status === 404 && path !== `/${first}` ? `/${first}/…` : path
}
