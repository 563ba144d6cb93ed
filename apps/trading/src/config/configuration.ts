import { accessSync, constants, type Stats, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

import { cacheVariables, readVariables, variablesOf, type VariableSource } from '@cache/environment'

import { cacheFaults, cacheSettings, type CacheSettings } from './cache-settings.ts'
import { type Values, type VariableName, variableGroups } from './variables.ts'

/** What the app runs with: every setting checked, every path absolute. */
export interface Configuration {
  readonly values: Values
  readonly dataDirectory: string
  readonly appKeyFile: string
  readonly cacheDirectory: string
  readonly cacheKeyFile: string
  readonly auditFile: string
  /** Of the caches alone, for `@cache/environment`. */
  readonly cacheSettings: CacheSettings
  readonly instrumentsFile: string | undefined
  readonly ticksFile: string | undefined
}

export interface ConfigurationSources {
  /** From the command line; these win. */
  readonly flags: Readonly<Partial<Record<VariableName, string>>>
  readonly environment: Readonly<Record<string, string | undefined>>
  /** What the `.env` file holds; the environment wins over it. */
  readonly file: Readonly<Record<string, string | undefined>>
  /** What relative paths that a person typed are relative to. */
  readonly directory: string
  readonly defaultDataDirectory: string
}

/** The configuration, or every fault in it, each with its mend. */
export type ConfigurationResult =
  | { readonly configuration: Configuration }
  | { readonly faults: readonly string[] }

export function readConfiguration(sources: ConfigurationSources): ConfigurationResult {
  const texts = variableSources(sources)
  const read = readVariables(variableGroups, texts, elsewhere)
  const paths = pathsOf('faults' in read ? read.readable : read.values, sources)
  const settings = 'faults' in read ? undefined : cacheSettings(read.values, texts, paths)
  const faults = [
    ...('faults' in read ? read.faults : instanceFaults(read.values)),
    ...(settings ? cacheFaults(settings) : []),
    ...fileFaults('The instrument master', '--instruments', paths.instrumentsFile),
    ...fileFaults('The recorded ticks', '--ticks', paths.ticksFile),
    ...directoryFaults(paths.dataDirectory),
  ]
  return 'faults' in read || settings === undefined || faults.length > 0
    ? { faults }
    : { configuration: { values: read.values, cacheSettings: settings, ...paths } }
}

function instanceFaults({ MULTI_INSTANCE_MODE: several, DATABASE_URL: postgres }: Values): string[] {
  return several && postgres === undefined
    ? ['DATABASE_URL is missing; MULTI_INSTANCE_MODE needs the PostgreSQL that the instances share']
    : []
}

/** Settings of the caches that this app does not have: silence would be a lie to whoever sets one. */
const elsewhere = new Set(variablesOf(cacheVariables).keys())

/** Flags win over the environment, and that over the file, where every name must be a setting. */
function variableSources({ flags, environment, file }: ConfigurationSources): VariableSource[] {
  return [
    { label: 'the flags', values: flags, checkNames: 'all' },
    { label: 'the environment', values: environment, checkNames: 'near' },
    { label: '.env', values: file, checkNames: 'all' },
  ]
}

function pathsOf(
  values: Partial<Values>,
  sources: ConfigurationSources,
): Omit<Configuration, 'values' | 'cacheSettings'> {
  const absolute = (path: string): string => resolve(sources.directory, path)
  const { DATA_DIR = '', INSTRUMENTS_FILE = '', TICKS_FILE = '' } = values
  const dataDirectory = DATA_DIR === '' ? sources.defaultDataDirectory : absolute(DATA_DIR)
  const within = (path: string | undefined, name: string): string =>
    path === undefined || path === '' ? join(dataDirectory, name) : absolute(path)
  return {
    dataDirectory,
    appKeyFile: within(values.APP_KEY_FILE, '.app_key'),
    cacheDirectory: within(values.SQLITE_CACHE_PATH, 'cache'),
    cacheKeyFile: within(values.CACHE_KEY_FILE, '.cache_key'),
    auditFile: within(values.CACHE_AUDIT_LOG_PATH, 'cache-audit.log'),
    instrumentsFile: INSTRUMENTS_FILE === '' ? undefined : absolute(INSTRUMENTS_FILE),
    ticksFile: TICKS_FILE === '' ? undefined : absolute(TICKS_FILE),
  }
}

function fileFaults(what: string, flag: string, path: string | undefined): string[] {
  if (path === undefined) return []
  const stats = statsOf(path)
  const asked = `${what} ${path}`
  if (stats === undefined) return [`${asked} does not exist; check the path after ${flag}`]
  if (!stats.isFile()) return [`${asked} is not a file; name the file itself`]
  return permits(path, constants.R_OK) ? [] : [`${asked} may not be read; change its permissions`]
}

/** The directory itself is made at the start; here, whether that can work. */
function directoryFaults(path: string): string[] {
  const stats = statsOf(path)
  if (stats !== undefined && !stats.isDirectory()) {
    return [`The data directory ${path} is a file; name a directory with --data`]
  }
  const existing = stats === undefined ? nearestParent(path) : path
  if (permits(existing, constants.W_OK)) return []
  return [`The data directory ${path} can't be written; change its permissions or name another with --data`]
}

function nearestParent(path: string): string {
  const parent = dirname(path)
  return parent === path || statsOf(parent) !== undefined ? parent : nearestParent(parent)
}

/** `undefined` also where a parent directory may not be entered. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

function permits(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}
