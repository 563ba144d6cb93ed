/** A column: its title, and its text for a row. */
export interface Column<R> {
  readonly title: string
  readonly cell: (row: R) => string
}

/** A Markdown table, padded so that it also reads as plain text; the first column is left-aligned. */
export function table<R>(columns: readonly Column<R>[], rows: readonly R[]): string {
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row)))
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, 4, ...cells.map((row) => row[index]?.length ?? 0)),
  )
  const line = (texts: readonly string[]): string =>
    `| ${texts.map((text, index) => pad(text, index, widths[index] ?? 0)).join(' | ')} |`
  const rule = widths.map((width, index) =>
    index === 0 ? `:${'-'.repeat(width + 1)}` : `${'-'.repeat(width + 1)}:`,
  )
  return [line(columns.map(({ title }) => title)), `|${rule.join('|')}|`, ...cells.map(line)].join('\n')
}

function pad(text: string, index: number, width: number): string {
  return index === 0 ? text.padEnd(width) : text.padStart(width)
}

/** `24.06M`, `782k`, `9,838`; a dash for what is missing. */
export function rate(perSecond: number | undefined): string {
  if (perSecond === undefined) return '–'
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(2)}M`
  return perSecond >= 1e4 ? `${(perSecond / 1e3).toPrecision(3)}k` : perSecond.toFixed(0)
}

/** `1.04`, `0.059`, `0.0059`; a dash for what is missing. */
export function ratio(value: number | undefined): string {
  if (value === undefined) return '–'
  return value >= 0.1 ? value.toFixed(2) : value.toPrecision(2)
}

/** A whole number; a dash for what is missing. */
export function whole(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(0)
}
