import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'

import { envTemplate } from '@cache/environment'

import { variableGroups } from './variables.ts'

export interface EnvFile {
  readonly values: Readonly<Record<string, string | undefined>>
  readonly faults: readonly string[]
}

/** What a `.env` file sets; nothing where there is none. */
export function readEnvFile(path: string): EnvFile {
  try {
    return { values: parseEnv(readFileSync(path, 'utf8')), faults: [] }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const faults =
      code === 'ENOENT' ? [] : [`The settings in ${path} can't be read (${message}); mend or remove it`]
    return { values: {}, faults }
  }
}

/** The text of `.env.example`: every setting with its default, commented out. */
export function settingsTemplate(): string {
  return envTemplate(
    variableGroups,
    'Copy to .env beside this file and uncomment what should differ from its default.',
  )
}
