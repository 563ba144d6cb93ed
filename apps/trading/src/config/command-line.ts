import { parseArgs } from 'node:util'

import { nearestName } from '@cache/environment'

import type { VariableName } from './variables.ts'

/** What the command line asks for. */
export interface CommandLine {
  readonly help: boolean
  /** Settings that flags give; they win over the environment. */
  readonly settings: Readonly<Partial<Record<VariableName, string>>>
  readonly faults: readonly string[]
}

const flags: Readonly<Record<string, VariableName>> = {
  instruments: 'INSTRUMENTS_FILE',
  ticks: 'TICKS_FILE',
  speed: 'TICKS_SPEED',
  port: 'PORT',
  host: 'HOST',
  data: 'DATA_DIR',
}

export const usage = `The reference trading app of the @cache packages.

  pnpm start [FLAGS]

  --instruments FILE  a broker's instrument master (Angel One, Upstox, Zerodha, Dhan or Nasdaq files,
                      plain or gzip); without it the broker serves an invented market
  --ticks FILE        a recorded session that the simulated broker replays (CSV, plain or .gz)
  --speed FACTOR      how much faster than it was; default 1
  --port PORT         default 5000; 0 takes any that is free
  --host HOST         default 127.0.0.1, which only this machine reaches
  --data DIR          where everything is kept; default: db in the repository
  --help              this text

Settings can also stand in apps/trading/.env; .env.example beside it lists them all.`

/** Reads the arguments after the program's name. Never throws: what is wrong is in `faults`. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const tokens = parseArgs({
    args: args.filter((arg) => arg !== '--'),
    options: {
      help: { type: 'boolean', short: 'h' },
      ...Object.fromEntries(Object.keys(flags).map((name) => [name, { type: 'string' as const }])),
    },
    strict: false,
    tokens: true,
  }).tokens
  const settings: Partial<Record<VariableName, string>> = {}
  const faults: string[] = []
  let help = false
  for (const token of tokens) {
    if (token.kind === 'positional') faults.push(strayFault(token.value))
    if (token.kind !== 'option') continue
    const name = flags[token.name]
    if (token.name === 'help' || token.name === 'h') help = true
    else if (name === undefined) faults.push(unknownFault(token.rawName))
    else if (isValue(token.value, token.inlineValue)) settings[name] = token.value
    else faults.push(`${token.rawName} needs a value after it`)
  }
  return { help, settings, faults }
}

/** The next flag is none, unless it stands behind an equals sign. */
function isValue(text: string | undefined, inline: boolean | undefined): text is string {
  return text !== undefined && text !== '' && (inline === true || !text.startsWith('--'))
}

function unknownFault(flag: string): string {
  const nearest = nearestName(flag.replace(/^-+/, ''), [...Object.keys(flags), 'help'])
  return `${flag} is not a flag; ${nearest === undefined ? 'see --help' : `did you mean --${nearest}?`}`
}

function strayFault(value: string): string {
  return `'${value}' stands alone; put the flag it belongs to before it, such as --instruments ${value}`
}
