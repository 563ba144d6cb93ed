import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { parseEnv } from 'node:util'
import {
  BackendRegistry,
  cacheVariables,
  faultsTogether,
  packageRoots,
  processEnvironment,
  readVariables,
  type ReadCacheVariables,
  type VariableSource,
} from '@cache/environment'
import { CliFault, exitCodes } from './exit-codes.ts'
import type { Terminal } from './terminal.ts'

/** The flags that every command has. */
export interface GlobalOptions {
  readonly settings?: string | undefined
  readonly backend?: string | undefined
  readonly prefix?: string | undefined
  readonly json?: boolean | undefined
}

/** What a command works with. */
export interface CommandContext {
  readonly options: GlobalOptions
  readonly terminal: Terminal
}

/** The settings, or every fault in them. */
export type ReadSettings = ReadCacheVariables | { readonly faults: readonly string[] }

/** The variables of this process, and of `.env` in the current directory or the file that is named. */
export function readSettings({ settings }: GlobalOptions): ReadSettings {
  const read = readVariables(cacheVariables, settingSources({ settings }))
  if ('faults' in read) return { faults: read.faults }
  const faults = faultsTogether(read, new BackendRegistry())
  return faults.length > 0 ? { faults } : read
}

/** Where settings are looked for, the strongest first. */
export function settingSources({ settings }: GlobalOptions): readonly VariableSource[] {
  return [processEnvironment(), ...fileSources(settings)]
}

/** @throws CliFault with every fault of the settings */
export function settingsOf(options: GlobalOptions): ReadCacheVariables {
  const read = readSettings(options)
  if (!('faults' in read)) return read
  throw new CliFault(
    exitCodes.usage,
    `The settings have faults:\n${read.faults.map((fault) => `  - ${fault}`).join('\n')}`,
  )
}

/** Where backend packages are looked for: the project that the command is called in, and beside the command. */
export function roots(): readonly string[] {
  return [join(process.cwd(), 'package.json'), ...packageRoots(undefined)]
}

function fileSources(settings: string | undefined): VariableSource[] {
  const path = settings ?? '.env'
  if (settings === undefined && !existsSync(path)) return []
  try {
    // Applications keep settings of their own in the same file.
    return [{ label: path, values: parseEnv(readFileSync(path, 'utf8')), checkNames: 'near' }]
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliFault(exitCodes.usage, `${path} can't be read (${reason})`)
  }
}
