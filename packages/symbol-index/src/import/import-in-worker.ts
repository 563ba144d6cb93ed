import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

import { SymbolIndexError } from '../errors.ts'
import type { ImportedBuffer, ReadOptions } from './read-master.ts'
import { describeSource } from './source.ts'
import type { MasterSource } from './source.ts'
import type { SentCause, WorkerChunk, WorkerReply, WorkerTask } from './worker-messages.ts'

/** Sources and tests run `.ts` directly, the package runs `.js`; the worker is of the same kind as this file. */
const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const WORKER = new URL(`./import-worker${EXTENSION}`, import.meta.url)

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
    source: isStream(source) ? undefined : ownSource(source),
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

function ownSource(source: string | URL | Uint8Array): string | Uint8Array {
  return source instanceof URL ? fileURLToPath(source) : source
}

function isStream(source: MasterSource): source is AsyncIterable<Uint8Array> {
  return !(typeof source === 'string' || source instanceof URL || source instanceof Uint8Array)
}

/** What the worker replies in the end; a stream's chunks are sent to it meanwhile. */
async function outcome(worker: Worker, source: MasterSource, options: ReadOptions): Promise<ImportedBuffer> {
  const chunks = isStream(source) ? source[Symbol.asyncIterator]() : undefined
  const { promise, resolve, reject } = Promise.withResolvers<ImportedBuffer>()
  worker.on('message', (reply: WorkerReply) => {
    if (reply.type === 'imported') resolve(reply.imported)
    else if (reply.type === 'progress') options.onProgress?.(reply.progress)
    else if (reply.type === 'failed')
      reject(new SymbolIndexError(reply.code, reply.message, rebuilt(reply.cause)))
    else if (chunks !== undefined) sendNext(worker, chunks).catch(reject)
  })
  worker.on('error', (cause) => {
    reject(new SymbolIndexError('WORKER_FAILED', 'The import worker failed.', { cause }))
  })
  worker.on('exit', (code) => {
    reject(new SymbolIndexError('WORKER_FAILED', `The import worker ended early (exit code ${code}).`))
  })
  return promise
}

async function sendNext(worker: Worker, chunks: AsyncIterator<Uint8Array>): Promise<void> {
  try {
    const next = await chunks.next()
    const chunk: WorkerChunk = next.done === true ? undefined : next.value
    worker.postMessage(chunk, [])
  } catch (cause) {
    throw new SymbolIndexError('UNREADABLE_SOURCE', "Can't read the stream.", { cause })
  }
}

function rebuilt(cause: SentCause | undefined): ErrorOptions | undefined {
  return cause === undefined
    ? undefined
    : { cause: Object.assign(new Error(cause.message), { code: cause.code }) }
}

function wasAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted ?? false
}

function aborted(cause: unknown): SymbolIndexError {
  return new SymbolIndexError('ABORTED', 'The import was aborted.', { cause })
}
