import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

import { SymbolIndexError } from '../errors.ts'
import type { ImportedBuffer, ReadOptions } from './read-master.ts'
import { describeSource } from './source.ts'
import type { MasterSource } from './source.ts'
import type { WorkerChunk, WorkerReply, WorkerTask } from './worker-messages.ts'

/** Sources and tests run `.ts` directly, the package runs `.js`; the worker is of the same kind as this file. */
const WORKER = new URL(
  `./import-worker${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`,
  import.meta.url,
)

/** Room for what an import makes and drops at once: with the default its rows are copied again and again. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 128 }

/** Reads a master in a worker thread. This thread only passes a stream's chunks on. */
export async function importInWorker(
  source: MasterSource,
  options: ReadOptions = {},
): Promise<ImportedBuffer> {
  const { signal } = options
  if (wasAborted(signal)) throw aborted(signal?.reason)
  const worker = new Worker(WORKER, { workerData: task(source, options), resourceLimits: RESOURCE_LIMITS })
  const stop = (): void => void worker.terminate()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    return await outcome(worker, source, options)
  } catch (error) {
    throw wasAborted(signal) ? aborted(signal?.reason) : error
  } finally {
    signal?.removeEventListener('abort', stop)
    await worker.terminate()
  }
}

function task(source: MasterSource, options: ReadOptions): WorkerTask {
  return {
    source: ownSource(source),
    options: {
      label: options.label ?? describeSource(source),
      format: options.format,
      columns: options.columns,
      expired: options.expired,
      maxRejectedRatio: options.maxRejectedRatio,
      nowMs: (options.now ?? Date.now)(),
    },
    compareWith: options.compareWith?.buffer,
  }
}

/** What can be sent to a worker as it is. */
function ownSource(source: MasterSource): WorkerTask['source'] {
  if (source instanceof URL) return fileURLToPath(source)
  return typeof source === 'string' || source instanceof Uint8Array ? source : undefined
}

function outcome(worker: Worker, source: MasterSource, options: ReadOptions): Promise<ImportedBuffer> {
  const feed =
    ownSource(source) === undefined ? feeder(worker, source as AsyncIterable<Uint8Array>) : undefined
  return new Promise((resolve, reject) => {
    worker.on('message', (reply: WorkerReply) => {
      if (reply.type === 'imported') resolve(reply.imported)
      else if (reply.type === 'progress') options.onProgress?.(reply.progress)
      else if (reply.type === 'pull') void feed?.()
      else reject(new SymbolIndexError(reply.code, reply.message, causeOf(reply.cause)))
    })
    worker.on('error', (cause) =>
      reject(new SymbolIndexError('WORKER_FAILED', 'The import worker failed.', { cause })),
    )
    worker.on('exit', (code) => {
      reject(new SymbolIndexError('WORKER_FAILED', `The import worker ended early (exit code ${code}).`))
    })
  })
}

/** Sends the next chunk each time it is called. */
function feeder(worker: Worker, source: AsyncIterable<Uint8Array>): () => Promise<void> {
  const chunks = source[Symbol.asyncIterator]()
  return async () => {
    try {
      const next = await chunks.next()
      send(worker, next.done === true ? { end: true } : { chunk: next.value })
    } catch (error) {
      send(worker, { error: String(error) })
    }
  }
}

function send(worker: Worker, message: WorkerChunk): void {
  worker.postMessage(message, [])
}

function causeOf(cause: unknown): ErrorOptions | undefined {
  return cause === undefined ? undefined : { cause }
}

function wasAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted ?? false
}

function aborted(cause: unknown): SymbolIndexError {
  return new SymbolIndexError('ABORTED', 'The import was aborted.', { cause })
}
