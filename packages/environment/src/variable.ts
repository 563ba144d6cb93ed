import {
  alwaysTrue,
  anyText,
  flag,
  keyPrefix,
  nameList,
  oneOf,
  plainName,
  scaledNumber,
  type Reader,
  serverUrl,
  share,
  wholeNumber,
} from './readers.ts'

interface Described {
  /** The text that holds where the environment gives none. */
  readonly fallback: string
  readonly about: string
  /** Its value never stands in a message. */
  readonly secret?: boolean | undefined
  /** Another name that the source documents use for it. */
  readonly alias?: string | undefined
}

interface Bounds {
  readonly from: number
  readonly to: number
}

/** The values of the kinds that take no parameters. Durations are milliseconds here, whatever the variable counts. */
interface KindValues {
  readonly text: string
  readonly flag: boolean
  /** Letters, digits, `.`, `-` and `_`, or nothing. */
  readonly name: string
  readonly prefix: string
  readonly names: readonly string[]
  /** From 0 to 1. */
  readonly share: number
  readonly serverUrl: URL | undefined
  readonly whole: number
  /** From 0 where `forever` is given, which 0 means then; else from 1. */
  readonly seconds: number
  readonly hours: number
  readonly milliseconds: number
}

/** One environment variable. Its default and description here are the only ones: tables are made from them. */
export type Variable = Described &
  (
    | { readonly kind: Exclude<keyof KindValues, 'whole' | 'seconds'> }
    | ({ readonly kind: 'whole'; readonly unit?: 'seconds' | undefined } & Bounds)
    | { readonly kind: 'seconds'; readonly forever?: boolean | undefined }
    | { readonly kind: 'word'; readonly words: readonly string[] }
    /** A switch of the documents that has one position here; `reason` says why. */
    | { readonly kind: 'always'; readonly reason: string }
    | { readonly kind: 'custom'; readonly read: Reader<unknown> }
  )

/** What one variable is read to. */
type ValueOf<V> = V extends { readonly read: Reader<infer T> }
  ? T
  : V extends { readonly words: readonly (infer W)[] }
    ? W
    : V extends { readonly kind: infer K extends keyof KindValues }
      ? KindValues[K]
      : true

/** Variables by the title of their group in the template and the tables. */
export type VariableGroups = Readonly<Record<string, Readonly<Record<string, Variable>>>>

/** The names in all groups. */
export type VariableName<Groups extends VariableGroups> = {
  [Title in keyof Groups]: keyof Groups[Title] & string
}[keyof Groups]

/** The value of every variable, by name. */
export type VariableValues<Groups extends VariableGroups> = {
  readonly [Name in VariableName<Groups>]: {
    [Title in keyof Groups]: Name extends keyof Groups[Title] ? ValueOf<Groups[Title][Name]> : never
  }[keyof Groups]
}

/** All variables by name. */
export function variablesOf(groups: VariableGroups): ReadonlyMap<string, Variable> {
  return new Map(Object.values(groups).flatMap((group) => Object.entries(group)))
}

const longestSeconds = 366 * 86_400

/** What turns the text of a variable into its value. */
export function readerOf(variable: Variable): Reader<unknown> {
  switch (variable.kind) {
    case 'custom':
      return variable.read
    case 'word':
      return oneOf(variable.words)
    case 'always':
      return alwaysTrue(variable.reason)
    case 'whole':
      return wholeNumber(variable.from, variable.to)
    case 'seconds':
      return scaledNumber(variable.forever ? 'forever' : 1, longestSeconds, 1000)
    case 'hours':
      return scaledNumber(1, longestSeconds / 3600, 3_600_000)
    case 'milliseconds':
      return scaledNumber(1, 3_600_000, 1)
    default:
      return plainReaders[variable.kind]
  }
}

const plainReaders = {
  text: anyText,
  flag,
  name: plainName,
  prefix: keyPrefix,
  names: nameList,
  share,
  serverUrl,
} satisfies Partial<{ readonly [Kind in keyof KindValues]: Reader<KindValues[Kind]> }>

/** What a variable counts, for the tables. */
export function unitOf(variable: Variable): string | undefined {
  if (variable.kind === 'share') return '0 to 1'
  if (variable.kind === 'whole') return variable.unit
  return ['seconds', 'hours', 'milliseconds'].includes(variable.kind) ? variable.kind : undefined
}
