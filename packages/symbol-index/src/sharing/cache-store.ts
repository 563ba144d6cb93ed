import type { Cache } from '@cache/core'

import { SymbolIndexError } from '../errors.ts'
import { openSnapshot } from '../snapshot.ts'
import type { SymbolSet } from '../symbol-set.ts'
import type { SnapshotContent, SnapshotStore } from './snapshot-store.ts'

/** A piece of a snapshot: its hash and the number of the piece. */
export type PieceKey = readonly [hash: string, piece: number]

const PIECE_BYTES = 1024 * 1024

/** Snapshots in the backend of the caches, in pieces: for hosts that share no directory. */
export class CacheStore implements SnapshotStore {
  readonly #pieces: Cache<Uint8Array, PieceKey>

  constructor(pieces: Cache<Uint8Array, PieceKey>) {
    this.#pieces = pieces
  }

  async write({ hash, buffer }: SymbolSet): Promise<void> {
    for (const [piece, at] of pieceOffsets(buffer.byteLength)) {
      const bytes = new Uint8Array(buffer, at, Math.min(PIECE_BYTES, buffer.byteLength - at)).slice()
      if (!(await this.#pieces.set([hash, piece], bytes))) {
        throw new SymbolIndexError('SNAPSHOT_IO', "The backend of the caches is away: can't share the set.")
      }
    }
  }

  async read({ hash, bytes }: SnapshotContent): Promise<SymbolSet> {
    const buffer = new SharedArrayBuffer(bytes)
    const target = new Uint8Array(buffer)
    for (const [piece, at] of pieceOffsets(bytes)) {
      const found = await this.#pieces.get([hash, piece])
      if (found === undefined) {
        throw new SymbolIndexError('SNAPSHOT_IO', `Piece ${piece} of the published set is not in the cache.`)
      }
      if (found.byteLength !== Math.min(PIECE_BYTES, bytes - at)) {
        throw new SymbolIndexError('SNAPSHOT_TRUNCATED', `Piece ${piece} of the published set is cut short.`)
      }
      target.set(found, at)
    }
    return openSnapshot(buffer, { expectedHash: hash })
  }

  async sweep(keep: readonly string[], gone: SnapshotContent | undefined): Promise<void> {
    if (gone === undefined || keep.includes(gone.hash)) return
    const keys = Array.from(pieceOffsets(gone.bytes), ([piece]): PieceKey => [gone.hash, piece])
    await this.#pieces.deleteMany(keys)
  }
}

function* pieceOffsets(bytes: number): Generator<[piece: number, offset: number]> {
  for (let at = 0; at < bytes; at += PIECE_BYTES) yield [at / PIECE_BYTES, at]
}
