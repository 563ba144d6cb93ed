/** Runs one import in a worker thread: see import-in-worker.ts for the other side. */
import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'

import { SymbolIndexError } from '../errors.ts'
import { SymbolSet } from '../symbol-set.ts'
import { readMaster } from './read-master.ts'
import type { SentCause, WorkerChunk, WorkerReply, WorkerTask } from './worker-messages.ts'

if (parentPort !== null) await run(parentPort, workerData as WorkerTask)

async function run(port: MessagePort, { source, options, compareWith }: WorkerTask): Promise<void> {
  const reply = (message: WorkerReply): void => port.postMessage(message, [])
  try {
    const imported = await readMaster(source ?? pulledChunks(port), {
      ...options,
      compareWith: compareWith === undefined ? undefined : new SymbolSet(compareWith),
      now: () => options.nowMs,
      onProgress: (progress) => reply({ type: 'progress', progress }),
    })
    reply({ type: 'imported', imported })
  } catch (error) {
    const { message, cause } = error as Error
    const code = error instanceof SymbolIndexError ? error.code : 'WORKER_FAILED'
    reply({ type: 'failed', code, message, cause: sent(cause) })
  }
  port.close()
}

/** The chunks of a stream, each asked for when the one before it has been read. */
async function* pulledChunks(port: MessagePort): AsyncGenerator<Uint8Array> {
  for (;;) {
    const answer = once(port, 'message')
    port.postMessage({ type: 'pull' } satisfies WorkerReply, [])
    const [chunk] = (await answer) as [WorkerChunk]
    if (chunk === undefined) return
    yield chunk
  }
}

function sent(cause: unknown): SentCause | undefined {
  if (!(cause instanceof Error)) return undefined
  return { message: cause.message, code: (cause as NodeJS.ErrnoException).code }
}
