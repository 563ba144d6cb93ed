import { SymbolIndexError } from '../errors.ts'
import { MAX_DAY } from '../expiry.ts'
import { INSTRUMENT_TYPES } from '../instrument.ts'
import { slotCount } from './hash-table.ts'
import type { Sections } from './layout.ts'
import { MAX_TAIL } from './split-text.ts'

/**
 * A checksum tells that a snapshot is as it was written, not who wrote it: anyone can compute one. What look-ups and
 * searches rely on is checked here, so that a forged snapshot is refused and can neither hang nor crash them. Each
 * section of rows, groups and text offsets is read once.
 */

const MAX_INSTANT_MS = 8.64e15 // what a Date can hold

/** Throws `SNAPSHOT_ALTERED` unless every number in the sections points at something that is there. */
export function checkStructure(sections: Sections): void {
  const exchanges = exchangeCount(sections.meta)
  const fault =
    exchanges === undefined
      ? 'metadata'
      : (dictionaryFault(sections) ??
        groupFault(sections, exchanges) ??
        rowFault(sections) ??
        numberFault(sections) ??
        tableFault(sections))
  if (fault === undefined) return
  throw new SymbolIndexError(
    'SNAPSHOT_ALTERED',
    `The snapshot's ${fault} can't be right, though its checksum is: it was not written by this library. Import the master again.`,
  )
}

/** `undefined` when the metadata is not what a set says of itself. */
function exchangeCount(meta: Uint8Array): number | undefined {
  const { format, source, importedAtMs, exchanges, blankInSymbols } = parsed(meta)
  const right =
    typeof format === 'string' &&
    typeof source === 'string' &&
    typeof blankInSymbols === 'boolean' &&
    typeof importedAtMs === 'number' &&
    Math.abs(importedAtMs) <= MAX_INSTANT_MS &&
    Array.isArray(exchanges) &&
    exchanges.every((name) => typeof name === 'string')
  return right ? exchanges.length : undefined
}

function parsed(meta: Uint8Array): Record<string, unknown> {
  try {
    return (JSON.parse(Buffer.from(meta).toString('utf8')) ?? {}) as Record<string, unknown>
  } catch {
    return {}
  }
}

function dictionaryFault(sections: Sections): string | undefined {
  const names = ['head', 'tail', 'tokenHead', 'tokenTail'] as const
  return names.find((name) => {
    const offsets = sections[`${name}Offsets`]
    const longest = name === 'tail' || name === 'tokenTail' ? MAX_TAIL : Infinity
    const right = isSteps(offsets, sections[`${name}s`].length, longest)
    return !right || sections[`${name}Masks`].length !== (offsets.length - 1) * 2
  })
}

function groupFault(sections: Sections, exchanges: number): string | undefined {
  const { exchangeGroups, groupRows, rowGroup, groupExpiry } = sections
  const groups = groupRows.length - 1
  if (exchangeGroups.length !== exchanges + 1 || !isSteps(exchangeGroups, groups)) return 'exchangeGroups'
  if (!isSteps(groupRows, rowGroup.length) || !isRuns(rowGroup, groupRows)) return 'groupRows'
  const heads = sections.headOffsets.length - 1
  const limits = {
    groupSymbol: heads,
    groupBrokerSymbol: heads,
    groupName: heads,
    groupBrokerExchange: heads,
    groupUnderlying: heads + 1,
  }
  if (groupExpiry.length !== groups || !isBelow(groupExpiry, MAX_DAY + 1)) return 'groupExpiry'
  return outside(sections, limits, groups)
}

function rowFault(sections: Sections): string | undefined {
  const rows = sections.rowGroup.length
  const tails = sections.tailOffsets.length - 1
  const limits = {
    rowSymbolTail: tails,
    rowBrokerTail: tails,
    rowTokenHead: sections.tokenHeadOffsets.length - 1,
    rowTokenTail: sections.tokenTailOffsets.length - 1,
    rowStrike: sections.strikes.length,
    rowSpec: sections.specTypes.length,
    rowRank: rows,
  }
  return outside(sections, limits, rows)
}

type IdSection = Exclude<
  { [Name in keyof Sections]: Sections[Name] extends Uint32Array ? Name : never }[keyof Sections],
  never
>

function outside(
  sections: Sections,
  limits: Partial<Record<IdSection, number>>,
  length: number,
): string | undefined {
  const names = Object.keys(limits) as IdSection[]
  return names.find((name) => sections[name].length !== length || !isBelow(sections[name], limits[name] ?? 0))
}

function numberFault({ strikes, specTypes, specLots, specTicks }: Sections): string | undefined {
  if (!strikes.every(isAmount)) return 'strikes'
  const types = specTypes.length
  if (!specTypes.every((type) => type < INSTRUMENT_TYPES.length)) return 'specTypes'
  if (specLots.length !== types || !specLots.every(isAmount)) return 'specLots'
  return specTicks.length === types && specTicks.every(isAmount) ? undefined : 'specTicks'
}

/** A look-up ends at an empty slot, so there must be one. What a slot names is compared by each look-up. */
function tableFault(sections: Sections): string | undefined {
  const slots = slotCount(sections.rowGroup.length)
  const names = ['symbolTable', 'tokenTable', 'brokerTable'] as const
  return names.find((name) => sections[name].length !== slots || !sections[name].includes(0))
}

function isAmount(value: number): boolean {
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER
}

/** Whether the numbers begin at 0, never fall, rise by at most `largest`, and end at `end`. */
function isSteps(values: Uint32Array, end: number, largest = Infinity): boolean {
  let previous = 0
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? 0
    if (value < previous || value - previous > largest) return false
    previous = value
  }
  return values[0] === 0 && previous === end
}

/** Whether each group's number stands at exactly its rows. */
function isRuns(rowGroup: Uint32Array, groupRows: Uint32Array): boolean {
  for (let group = 0; group + 1 < groupRows.length; group++) {
    const end = groupRows[group + 1] ?? 0
    for (let row = groupRows[group] ?? 0; row < end; row++) if (rowGroup[row] !== group) return false
  }
  return true
}

function isBelow(values: Uint32Array, limit: number): boolean {
  // By index: in code that runs once, an iterator takes five times as long.
  for (let at = 0; at < values.length; at++) if ((values[at] ?? 0) >= limit) return false
  return true
}
