import type { SymbolIndexErrorCode } from '../errors.ts'
import type { FormatHint } from './detect.ts'
import type { ImportedBuffer, ImportProgress } from './read-master.ts'

/** What an import worker is started with. */
export interface WorkerTask {
  /** `undefined` for a stream, whose chunks are sent as they are asked for. */
  readonly source: string | Uint8Array | undefined
  readonly options: FormatHint & {
    readonly label: string
    readonly expired: 'keep' | 'drop' | undefined
    readonly maxRejectedRatio: number | undefined
    readonly nowMs: number
  }
  /** Buffer of the set to compare with. */
  readonly compareWith: SharedArrayBuffer | undefined
}

/** What is left of an error's cause when it crosses threads. */
export interface SentCause {
  readonly message: string
  readonly code: string | undefined
}

/** From the worker. */
export type WorkerReply =
  | { readonly type: 'pull' }
  | { readonly type: 'progress'; readonly progress: ImportProgress }
  | { readonly type: 'imported'; readonly imported: ImportedBuffer }
  | {
      readonly type: 'failed'
      readonly code: SymbolIndexErrorCode
      readonly message: string
      readonly cause: SentCause | undefined
    }

/** To the worker: the chunk that it asked for, or nothing more. */
export type WorkerChunk = Uint8Array | undefined
