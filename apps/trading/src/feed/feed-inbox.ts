import type { WebSocket } from 'ws'

import { socketText } from '../server/socket-text.ts'

const mostWaiting = 100

/**
 * Takes the messages of a connection one after the other, because an order of one may undo what the one before asked for.
 * Whoever sends more than is taken is not read for a while.
 *
 * @param take must not reject
 */
export function takeInOrder(socket: WebSocket, take: (text: string) => Promise<void>): void {
  let last = Promise.resolve()
  let waiting = 0
  const taken = (): void => {
    if (--waiting === mostWaiting - 1) socket.resume()
  }
  socket.on('message', (data) => {
    if (++waiting === mostWaiting) socket.pause()
    last = last.then(() => take(socketText(data))).finally(taken)
  })
}
