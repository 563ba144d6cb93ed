export { BackendEntries, type BackendEntriesOptions } from './backend-entries.ts'
export {
  migrateEntries,
  verifyEntries,
  type MigrateOptions,
  type MigrateProgress,
  type MigrateResult,
  type VerifyResult,
} from './migrate.ts'
export type {
  CacheVersion,
  EntryBatch,
  EntrySource,
  EntryTarget,
  PortableEntry,
  WriteOutcome,
} from './portable-entry.ts'
export { SnapshotFile } from './snapshot-file.ts'
