import { join } from 'node:path'

import { readCommandLine, usage } from './config/command-line.ts'
import { type Configuration, readConfiguration } from './config/configuration.ts'
import { readEnvFile } from './config/env-file.ts'

const appDirectory = join(import.meta.dirname, '..')
const repository = join(appDirectory, '../..')

/** What to do after reading the arguments. */
export type StartDecision =
  | { readonly kind: 'start'; readonly configuration: Configuration }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'faults'; readonly faults: readonly string[] }

/** Reads the command line, the environment and `.env`. Relative paths are relative to where the caller stands. */
export function startDecision(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): StartDecision {
  const commandLine = readCommandLine(args)
  if (commandLine.help) return { kind: 'help', text: usage }
  const envFile = readEnvFile(environment['ENV_FILE'] ?? join(appDirectory, '.env'))
  const result = readConfiguration({
    flags: commandLine.settings,
    environment,
    file: envFile.values,
    directory: environment['INIT_CWD'] ?? process.cwd(),
    defaultDataDirectory: join(repository, 'db'),
  })
  const faults = [...commandLine.faults, ...envFile.faults, ...('faults' in result ? result.faults : [])]
  if (faults.length > 0 || 'faults' in result) return { kind: 'faults', faults }
  return { kind: 'start', configuration: result.configuration }
}
