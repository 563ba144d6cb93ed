export { importMaster } from './import-master.ts'
export type { ImportedSet, ImportOptions } from './import-master.ts'
export { SymbolIndex } from './symbol-index.ts'
export type { ImportOutcome, IndexImportOptions, RestoreOutcome } from './symbol-index.ts'
export type { RowCountTolerance, SymbolIndexOptions } from './swap-policy.ts'
export { SymbolSet } from './symbol-set.ts'
export type { BrokerSymbolKey, SearchResult, SymbolKey, SymbolReader, TokenKey } from './symbol-reader.ts'
export { Instrument, INSTRUMENT_TYPES } from './instrument.ts'
export type { InstrumentData, InstrumentType } from './instrument.ts'
export type { SearchQuery, StrikeRange } from './search/query.ts'
export type {
  ChainRow,
  DerivativeKind,
  ExpiriesQuery,
  NearestFutureQuery,
  OptionChainQuery,
  OptionQuery,
  UnderlyingsQuery,
} from './derivatives.ts'
export { loadSnapshot, saveSnapshot } from './snapshot.ts'
export type { LoadSnapshotOptions } from './snapshot.ts'
export type { SetMetadata } from './store/columns.ts'
export { FORMAT_VERSION } from './store/layout.ts'
export type { TokenReference, TokenResolution } from './token-reference.ts'
export { diffMasters } from './difference.ts'
export type { ChangedInstrument, Changes, MasterDifference, TokenChange } from './difference.ts'
export type { EventName, SetNotice, SetOrigin, SymbolIndexEvents } from './events.ts'
export type { SymbolIndexStatistics } from './statistics.ts'
export { SymbolIndexError } from './errors.ts'
export type { SymbolIndexErrorCode } from './errors.ts'
export { FORMAT_IDS } from './import/detect.ts'
export type { FormatHint } from './import/detect.ts'
export type { FormatId } from './import/format.ts'
export type { ColumnMap, ColumnSource, ContractColumns } from './import/formats/generic.ts'
export type { ImportProgress, ReadOptions } from './import/read-master.ts'
export type {
  DuplicateKind,
  ImportReport,
  RejectReason,
  Remarks,
  RepairReason,
  RowRemark,
} from './import/report.ts'
export type { MasterSource } from './import/source.ts'
export { syntheticMaster } from './synthetic/synthetic-master.ts'
export type { SyntheticOptions } from './synthetic/synthetic-master.ts'
