import { cacheVariables, checkedVariables, variablesOf, type VariableSource } from '@cache/environment'
import { isCacheError } from '@cache/core'

import { type Values, variableGroups } from './variables.ts'

/** Settings of the caches as texts, as `@cache/environment` reads them. */
export type CacheSettings = Readonly<Record<string, string>>

/** What of them this app decides: where files are. */
export interface CachePaths {
  readonly cacheDirectory: string
  readonly cacheKeyFile: string
  readonly auditFile: string
}

const names = variablesOf(cacheVariables)

/** What the sources say of the caches, with this app's own defaults. */
export function cacheSettings(
  values: Values,
  sources: readonly VariableSource[],
  paths: CachePaths,
): CacheSettings {
  const settings: Record<string, string> = {}
  for (const [name, { fallback }] of variablesOf(variableGroups)) {
    if (!names.has(name)) continue
    const given = sources
      .map((source) => source.values[name])
      .find((text) => text !== undefined && text !== '')
    const text = given ?? (name === 'INSTANCE_ID' ? '' : fallback)
    if (text !== '' && (given !== undefined || text !== names.get(name)?.fallback)) settings[name] = text
  }
  return {
    ...settings,
    CACHE_BACKEND: backendOf(values),
    SQLITE_CACHE_PATH: paths.cacheDirectory,
    CACHE_KEY_FILE: paths.cacheKeyFile,
    CACHE_AUDIT_LOG_PATH: paths.auditFile,
  }
}

/** Empty where a server is to be looked for. */
function backendOf({ CACHE_BACKEND: named, MULTI_INSTANCE_MODE: several }: Values): string {
  if (named !== 'auto') return named
  return several ? '' : 'sqlite'
}

/** The faults that no setting has by itself, each with its mend. */
export function cacheFaults(settings: CacheSettings): string[] {
  try {
    checkedVariables([cacheSource(settings)])
    return []
  } catch (error) {
    if (!isCacheError(error)) throw error
    const lines = error.message.split('\n- ').slice(1)
    return lines.length > 0 ? lines : [error.message.replace('The cache settings have a fault: ', '')]
  }
}

export function cacheSource(settings: CacheSettings): VariableSource {
  return { label: 'the settings', values: settings, checkNames: 'all' }
}
