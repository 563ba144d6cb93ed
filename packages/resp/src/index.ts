export { RespBackend } from './resp-backend.ts'
export { RespStore } from './resp-store.ts'
export type {
  RespOptions,
  SentinelOptions,
  ServerOptions,
  TlsOptions,
  WaitingOptions,
} from './resp-options.ts'
export type {
  FamilyClient,
  FamilyCluster,
  FamilyCommand,
  FamilyConnection,
  FamilyLibrary,
} from './client/family.ts'
export { isFamilyCluster } from './client/family.ts'
export { keepConnected } from './client/keep-connected.ts'
export type { CommandPart, CommandReply } from './client/resp-client.ts'
export { parseChangeMessage, type ChangeMessage } from './change-log.ts'
export { failureKind, type FailureKind } from './errors.ts'
export { cacheKeysOf, KeyLayout, parseEntryKey } from './key-layout.ts'
export { CallerScript, type ScriptInput } from './caller-script.ts'
