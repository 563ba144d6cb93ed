import { CacheError, durationMs, refuseUnknown, type Duration } from '@cache/core'
import type { KeyLimits } from './derived-keys.ts'
import { FileSource } from './keyring/file-source.ts'
import { FunctionSource, VariableSource, type GivenKeys } from './keyring/given-source.ts'
import type { KeySource } from './keyring/key-source.ts'

/** Where the keys come from: one of the three. */
export interface KeyOptions {
  /** A file with mode 600, made on first use; keep a copy of it, and never beside the entries' backups. */
  readonly keyFile?: string | undefined
  /** A variable of the environment with 32 random bytes in base64. A file is safer, so a warning is given. */
  readonly keyVariable?: string | undefined
  /** A function that gives the keys, from a key management service for one. */
  readonly keys?: (() => Promise<GivenKeys | Uint8Array> | GivenKeys | Uint8Array) | undefined
  /** How often the keys are loaded anew, to see those that other processes made; `Infinity` never. Default 30 s. */
  readonly refresh?: Duration | undefined
  /**
   * When the keys are not those that the entries of the backend were sealed with: `'refuse'` to start, or `'replace'`
   * them, so that these entries are misses. Default `'refuse'`.
   */
  readonly lostKey?: 'refuse' | 'replace' | undefined
}

export interface EncryptionOptions extends KeyOptions {
  /** When the key that encrypts is derived anew. Lower it as you like; these are the most that is allowed. */
  readonly renewAfter?:
    | { readonly messages?: number | undefined; readonly time?: Duration | undefined }
    | undefined
}

export type SigningOptions = KeyOptions

export interface ProtectionSettings {
  readonly source: KeySource
  readonly refreshMs: number
  readonly mayReplace: boolean
  readonly limits: KeyLimits
}

const keyOptionNames: readonly (keyof KeyOptions)[] = ['keyFile', 'keyVariable', 'keys', 'refresh', 'lostKey']
export const mostMessages: number = 2 ** 20
export const mostMs: number = 3_600_000

/** @throws CacheError `INVALID_OPTION`, `INVALID_TTL`; the message names the option. */
export function encryptionSettings(options: EncryptionOptions): ProtectionSettings {
  refuseUnknown(options, [...keyOptionNames, 'renewAfter'], 'encryption')
  refuseUnknown(options.renewAfter ?? {}, ['messages', 'time'], 'renewAfter')
  const messages = options.renewAfter?.messages ?? mostMessages
  const ms = durationMs(options.renewAfter?.time ?? mostMs, 'renewAfter.time')
  if (!Number.isSafeInteger(messages) || messages < 1 || messages > mostMessages)
    throw invalid(`renewAfter.messages must be a whole number from 1 to ${mostMessages}`)
  if (ms > mostMs) throw invalid(`renewAfter.time must be at most '1h'`)
  return { ...keySettings(options), limits: { messages, ms } }
}

/** @throws CacheError `INVALID_OPTION`, `INVALID_TTL`; the message names the option. */
export function signingSettings(options: SigningOptions): ProtectionSettings {
  refuseUnknown(options, keyOptionNames, 'signing')
  return { ...keySettings(options), limits: { messages: mostMessages, ms: mostMs } }
}

function keySettings(options: KeyOptions): Omit<ProtectionSettings, 'limits'> {
  const refreshMs = durationMs(options.refresh ?? '30s', 'refresh')
  if (refreshMs < 1000) throw invalid(`refresh must be '1s' or more`)
  const { lostKey = 'refuse' } = options
  if (lostKey !== 'refuse' && lostKey !== 'replace') throw invalid(`lostKey must be 'refuse' or 'replace'`)
  return { source: sourceOf(options), refreshMs, mayReplace: lostKey === 'replace' }
}

function sourceOf({ keyFile, keyVariable, keys }: KeyOptions): KeySource {
  const given = [keyFile, keyVariable, keys].filter((option) => option !== undefined)
  if (given.length !== 1) throw invalid('give one of keyFile, keyVariable and keys')
  if (typeof keyFile === 'string' && keyFile !== '' && !keyFile.includes('\0')) return new FileSource(keyFile)
  if (typeof keyVariable === 'string' && keyVariable !== '') return new VariableSource(keyVariable)
  if (typeof keys === 'function') return new FunctionSource(keys)
  throw invalid('keyFile must be a path, keyVariable a name, and keys a function')
}

function invalid(message: string): CacheError {
  return new CacheError('INVALID_OPTION', message)
}
