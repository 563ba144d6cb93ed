import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

import { SymbolIndexError } from '../errors.ts'

/**
 * Where a master comes from: the path of a file, its bytes, or a stream of bytes such as the body of a
 * response. Gzip is recognised by its first bytes.
 */
export type MasterSource = string | URL | Uint8Array | AsyncIterable<Uint8Array>

const CHUNK_BYTES = 64 * 1024
const GZIP_MAGIC = [0x1f, 0x8b]

/** What to call a source in messages and reports. */
export function describeSource(source: MasterSource): string {
  if (typeof source === 'string') return source
  if (source instanceof URL)
    return source.protocol === 'file:' ? source.pathname : source.origin + source.pathname
  return source instanceof Uint8Array ? `${source.byteLength} bytes` : 'stream'
}

/** The source as plain bytes, chunk by chunk. */
export async function* readSource(source: MasterSource): AsyncGenerator<Buffer> {
  const { head, chunks } = await peek(rawChunks(source))
  if (head.length === 0) throw new SymbolIndexError('EMPTY_SOURCE', 'The source is empty.')
  yield* GZIP_MAGIC.every((byte, index) => head[index] === byte) ? gunzip(chunks) : chunks
}

async function* rawChunks(source: MasterSource): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of open(source))
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  } catch (cause) {
    if (cause instanceof SymbolIndexError) throw cause
    throw new SymbolIndexError('UNREADABLE_SOURCE', `Can't read ${describeSource(source)}.`, { cause })
  }
}

function open(source: MasterSource): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (typeof source === 'string' || source instanceof URL) {
    return createReadStream(source, { highWaterMark: CHUNK_BYTES })
  }
  return source instanceof Uint8Array ? slices(source) : source
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES)
}

async function peek(
  source: AsyncGenerator<Buffer>,
): Promise<{ head: Buffer; chunks: AsyncGenerator<Buffer> }> {
  let head = Buffer.alloc(0)
  while (head.length < GZIP_MAGIC.length) {
    const next = await source.next()
    if (next.done === true) break
    head = Buffer.concat([head, next.value])
  }
  async function* chunks(): AsyncGenerator<Buffer> {
    yield head
    yield* source
  }
  return { head, chunks: chunks() }
}

async function* gunzip(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const compressed = Readable.from(chunks, { objectMode: false })
  const plain = createGunzip({ chunkSize: CHUNK_BYTES })
  compressed.on('error', (error) => plain.destroy(error))
  try {
    for await (const chunk of compressed.pipe(plain)) yield chunk as Buffer
  } catch (cause) {
    throw gunzipError(cause)
  } finally {
    compressed.destroy()
  }
}

function gunzipError(cause: unknown): unknown {
  if (cause instanceof SymbolIndexError) return cause
  const code = (cause as NodeJS.ErrnoException).code
  if (code === 'Z_BUF_ERROR') {
    return new SymbolIndexError('TRUNCATED_SOURCE', 'The gzip data is cut short. Download it again.', {
      cause,
    })
  }
  return new SymbolIndexError('CORRUPT_SOURCE', 'The gzip data is damaged. Download it again.', { cause })
}
