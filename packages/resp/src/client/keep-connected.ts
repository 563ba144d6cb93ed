import type { Clock, Timer } from '@cache/ports'
import type { FamilyConnection } from './family.ts'

const againAfterMs = 200

/**
 * Connects again what the library has given up, until the result is called. It does so where a connection through Sentinel
 * looks for the primary and is told of the failover at that moment: "Connection is closed", and no attempt after it.
 */
export function keepConnected(connection: FamilyConnection, clock: Clock): () => void {
  let timer: Timer | undefined
  const again = (): void => {
    timer?.cancel()
    timer = clock.setTimer(againAfterMs * (0.5 + Math.random()), () => {
      void connection.connect().catch(() => undefined)
    })
  }
  connection.on('end', again)
  return () => {
    connection.off('end', again)
    timer?.cancel()
  }
}
