import type { SymbolSet } from '../symbol-set.ts'
import type { Publication } from './publication.ts'

/** What identifies the bytes of a snapshot. */
export type SnapshotContent = Pick<Publication, 'hash' | 'bytes'>

/** Where the members of a share leave snapshots for each other. */
export interface SnapshotStore {
  /** Resolves when every member can read it. */
  write(set: SymbolSet): Promise<void>
  /** The set with this hash, verified. Throws `SymbolIndexError` when it is not there or not as it was written. */
  read(content: SnapshotContent): Promise<SymbolSet>
  /** Removes what nobody needs any more: the set before the last two. */
  sweep(keep: readonly string[], gone: SnapshotContent | undefined): Promise<void>
}
