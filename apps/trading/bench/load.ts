import { setTimeout as sleep } from 'node:timers/promises'

import { HttpConnection } from './http-connection.ts'

/** How long answers took, in milliseconds, and how many came in a second. */
export interface Measured {
  readonly p50: number
  readonly p99: number
  readonly perSecond: number
  readonly requests: number
}

/** The next request to send. */
export type Requests = () => Buffer

/** So many connections, each with its next request as soon as the one before is answered. */
export async function closedLoop(
  port: number,
  { connections, seconds, next }: { connections: number; seconds: number; next: Requests },
): Promise<Measured> {
  const all = await openAll(port, connections)
  const tookMs: number[] = []
  const startedMs = performance.now()
  const untilMs = startedMs + seconds * 1000
  await Promise.all(
    all.map(async (connection) => {
      while (performance.now() < untilMs) {
        const sentMs = performance.now()
        await answered(connection, next())
        tookMs.push(performance.now() - sentMs)
      }
    }),
  )
  for (const connection of all) connection.close()
  return summary(tookMs, performance.now() - startedMs)
}

/** Requests at a fixed rate, whatever the answers do; each is measured from when it should have been sent. */
export async function openLoop(
  port: number,
  { perSecond, seconds, next }: { perSecond: number; seconds: number; next: Requests },
): Promise<Measured> {
  const idle = await openAll(port, 50)
  const all = [...idle]
  const tookMs: number[] = []
  const startedMs = performance.now()
  const running: Promise<void>[] = []
  for (let count = 0; count < perSecond * seconds; count++) {
    const dueMs = startedMs + (count * 1000) / perSecond
    while (performance.now() < dueMs) await sleep(1)
    running.push(
      (async () => {
        let connection = idle.pop()
        if (connection === undefined) all.push((connection = await HttpConnection.open(port)))
        await answered(connection, next())
        tookMs.push(performance.now() - dueMs)
        idle.push(connection)
      })(),
    )
  }
  await Promise.all(running)
  const elapsedMs = performance.now() - startedMs
  for (const connection of all) connection.close()
  return summary(tookMs, elapsedMs)
}

function openAll(port: number, count: number): Promise<HttpConnection[]> {
  return Promise.all(Array.from({ length: count }, () => HttpConnection.open(port)))
}

async function answered(connection: HttpConnection, request: Buffer): Promise<void> {
  const { status } = await connection.send(request)
  if (status !== 200) throw new Error(`The app answered with status ${status}`)
}

function summary(tookMs: number[], elapsedMs: number): Measured {
  const sorted = tookMs.toSorted((left, right) => left - right)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return {
    p50: at(0.5),
    p99: at(0.99),
    perSecond: (sorted.length / elapsedMs) * 1000,
    requests: sorted.length,
  }
}
