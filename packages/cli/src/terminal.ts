import process from 'node:process'
import { styleText } from 'node:util'

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow'

/** Where the command writes. Colours, progress and live views are for terminals; pipes get plain lines. */
export class Terminal {
  /** One JSON document on standard output in place of text for people. */
  readonly json: boolean

  constructor(json: boolean) {
    this.json = json
  }

  get isInteractive(): boolean {
    return process.stdout.isTTY && !this.json
  }

  /** A line of text; nothing where JSON is asked for. */
  line(text = ''): void {
    if (!this.json) process.stdout.write(`${text}\n`)
  }

  /** The result: JSON as one document, or else what `text` makes of it. */
  result(value: unknown, text: () => void): void {
    if (this.json) process.stdout.write(`${JSON.stringify(value, jsonValue, 2)}\n`)
    else text()
  }

  /** Facts beside the result, on standard error. */
  note(text: string): void {
    process.stderr.write(`${text}\n`)
  }

  /** A line that the next one of its kind takes the place of; on terminals only. */
  progress(text: string): void {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
  }

  /** Ends the line of progress. */
  progressEnd(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  }

  /** Styled where standard output is a terminal that shows colours; `NO_COLOR` is heeded. */
  style(style: Style, text: string): string {
    return styleText(style, text, { stream: process.stdout })
  }
}

/** JSON has no infinity and no bytes: `null` stands for "for ever", and bytes are counted. */
function jsonValue(_name: string, value: unknown): unknown {
  if (value === Number.POSITIVE_INFINITY) return null
  return value
}

/** Columns aligned by spaces; numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const texts = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? grouped(cell) : cell)))
  const widths = head.map((title, column) =>
    Math.max(title.length, ...texts.map((row) => row[column]?.length ?? 0)),
  )
  const isNumber = head.map((_, column) => rows.every((row) => typeof row[column] === 'number'))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => pad(cell, widths[column] ?? 0, isNumber[column] === true && rows.length > 0))
      .join('  ')
      .trimEnd()
  return [line(head), ...texts.map((row) => line(row))]
}

function pad(text: string, width: number, toTheRight: boolean): string {
  return toTheRight ? text.padStart(width) : text.padEnd(width)
}

/** `12,345`. */
export function grouped(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 1 })
}

/** `2 h`, `90 s`, `350 ms`, `for ever`. */
export function inWords(ms: number): string {
  if (ms === Number.POSITIVE_INFINITY) return 'for ever'
  if (ms < 1000) return `${Math.round(ms)} ms`
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1000, 's'],
  ] as const
  const [size, unit] = units.find(([unitMs]) => ms >= unitMs * 2) ?? [1000, 's']
  return `${grouped(Math.floor(ms / size))} ${unit}`
}

/** `[#####-----] 50 %`. */
export function progressBar(done: number, total: number, width = 24): string {
  const share = total === 0 ? 1 : Math.min(1, done / total)
  const filled = Math.round(share * width)
  return `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}] ${Math.floor(share * 100)} %`
}
