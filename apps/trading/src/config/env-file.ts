import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'

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
export function envTemplate(): string {
  const groups = Object.entries(variableGroups).map(([title, group]) => {
    const lines = Object.entries(group).map(
      ([name, { fallback, about }]) => `# ${about}\n# ${name}=${quoted(fallback)}`,
    )
    return `## ${title}\n\n${lines.join('\n\n')}\n`
  })
  return `# Copy to .env beside this file and uncomment what should differ from its default.\n\n${groups.join('\n')}`
}

function quoted(value: string): string {
  return value.includes(' ') ? `"${value}"` : value
}
