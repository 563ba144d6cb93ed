/** Runs one import in a worker thread: see import-in-worker.ts for the other side. */
import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'

import { SymbolIndexError } from '../errors.ts'
import { SymbolSet } from '../symbol-set.ts'
import { readMaster } from './read-master.ts'
import type { WorkerChunk, WorkerReply, WorkerTask } from './worker-messages.ts'

const { source, options, compareWith } = workerData as WorkerTask

try {
  const imported = await readMaster(source ?? pulledChunks(), {
    ...options,
    compareWith: compareWith === undefined ? undefined : new SymbolSet(compareWith),
    now: () => options.nowMs,
    onProgress: (progress) => reply({ type: 'progress', progress }),
  })
  reply({ type: 'imported', imported })
} catch (error) {
  const code = error instanceof SymbolIndexError ? error.code : 'WORKER_FAILED'
  const { message, cause } = error as Error
  reply({ type: 'failed', code, message, cause: cause instanceof Error ? cause.message : undefined })
}
parentPort?.close()

async function* pulledChunks(): AsyncGenerator<Uint8Array> {
  for (;;) {
    reply({ type: 'pull' })
    const [message] = (await once(parentPort as NonNullable<typeof parentPort>, 'message')) as [WorkerChunk]
    if ('end' in message) return
    if ('error' in message) throw new Error(message.error)
    yield message.chunk
  }
}

function reply(message: WorkerReply): void {
  parentPort?.postMessage(message, [])
}
