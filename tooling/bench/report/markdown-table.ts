/** A table that a suite printed, as its cells. */
export interface ReadTable {
  readonly titles: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** `undefined` where the block is no table in Markdown. */
export function readTable(block: string): ReadTable | undefined {
  const lines = block.split('\n').filter((line) => line.startsWith('|'))
  const [titles, rule, ...rows] = lines.map(cellsOf)
  if (titles === undefined || rule === undefined || !rule.every((cell) => /^:?-+:?$/.test(cell)))
    return undefined
  return { titles, rows }
}

function cellsOf(line: string): string[] {
  return line
    .slice(1, line.lastIndexOf('|'))
    .split('|')
    .map((cell) => cell.trim())
}

const multiples: Readonly<Record<string, number>> = { M: 1e6, k: 1e3 }

/** The number of a cell such as `24.06M`, `782k`, `9838` or `0.95 ms`; `undefined` where it has none. */
export function numberOf(cell: string): number | undefined {
  const [, digits, multiple = ''] = /^([\d.]+)([Mk]?)(?: \w+)?$/.exec(cell) ?? []
  return digits === undefined ? undefined : Number(digits) * (multiples[multiple] ?? 1)
}
