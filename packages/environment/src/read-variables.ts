import { nearestName } from './nearest-name.ts'
import { VariableFault } from './readers.ts'
import {
  readerOf,
  type Variable,
  type VariableGroups,
  type VariableName,
  variablesOf,
  type VariableValues,
} from './variable.ts'

/** Where texts come from: flags, a file, the environment of the process. */
export interface VariableSource {
  /** Stands in faults: `.env`. */
  readonly label: string
  readonly values: Readonly<Record<string, string | undefined>>
  /**
   * `'all'`: every name in it must be known, as in a file of ours. `'near'`: others may share it, and only a name that
   * all but equals a known one is a fault.
   */
  readonly checkNames: 'all' | 'near'
}

/** What was read, or every fault in it, each with its mend. */
export type ReadVariables<Groups extends VariableGroups> =
  | {
      readonly values: VariableValues<Groups>
      /** The names that a source gave; the others have their defaults. */
      readonly given: ReadonlySet<VariableName<Groups>>
    }
  | {
      readonly faults: readonly string[]
      /** What could be read all the same, for further checks. */
      readonly readable: Partial<VariableValues<Groups>>
    }

/**
 * Reads every variable once. Earlier sources win over later ones, and an empty text means the default, as in a
 * template. `elsewhere` are names that mean something in other programs of the family: in a file of this one they are a
 * fault of their own. Never throws: all faults come together.
 */
export function readVariables<Groups extends VariableGroups>(
  groups: Groups,
  sources: readonly VariableSource[],
  elsewhere: ReadonlySet<string> = new Set(),
): ReadVariables<Groups> {
  const variables = variablesOf(groups)
  const faults = sources.flatMap((source) => strangers(source, variables, elsewhere))
  const values: Record<string, unknown> = {}
  const given = new Set<string>()
  for (const [name, variable] of variables) {
    const text = givenText(name, variable, sources)
    if (text !== undefined) given.add(name)
    try {
      values[name] = readerOf(variable)(text ?? variable.fallback)
    } catch (error) {
      if (!(error instanceof VariableFault)) throw error
      faults.push(`${name} is ${shown(text, variable)}, but ${error.message}`)
    }
  }
  if (faults.length > 0) return { faults, readable: values as Partial<VariableValues<Groups>> }
  return { values: values as VariableValues<Groups>, given }
}

function shown(text: string | undefined, { fallback, secret }: Variable): string {
  return secret === true ? 'given' : `'${text ?? fallback}'`
}

function givenText(
  name: string,
  { alias }: Variable,
  sources: readonly VariableSource[],
): string | undefined {
  const names = alias === undefined ? [name] : [name, alias]
  return sources
    .flatMap(({ values }) => names.map((each) => values[each]))
    .find((text) => text !== undefined && text !== '')
}

/** Shorter names are too near to each other for a guess that stops a start. */
const shortestGuessed = 8

function strangers(
  source: VariableSource,
  variables: ReadonlyMap<string, Variable>,
  elsewhere: ReadonlySet<string>,
): string[] {
  const known = new Set(variables.keys())
  for (const { alias } of variables.values()) if (alias !== undefined) known.add(alias)
  const check = source.checkNames === 'all' ? stranger : nearMiss
  return Object.keys(source.values).flatMap((name) => {
    if (known.has(name)) return []
    if (!elsewhere.has(name)) return check(name, source, known) ?? []
    return source.checkNames === 'all' ? [`${name} in ${source.label} has no effect here; remove it`] : []
  })
}

function stranger(name: string, { label }: VariableSource, known: ReadonlySet<string>): string {
  const nearest = nearestName(name, known)
  const mend = nearest === undefined ? 'remove it' : `did you mean ${nearest}?`
  return `${name} in ${label} is not a setting; ${mend}`
}

function nearMiss(name: string, { label }: VariableSource, known: ReadonlySet<string>): string | undefined {
  if (name.length < shortestGuessed) return undefined
  const nearest = nearestName(name, known, 2)
  return nearest === undefined ? undefined : `${name} in ${label} is not a setting; did you mean ${nearest}?`
}
