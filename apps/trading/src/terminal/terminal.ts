import type { MasterStatus } from '../instruments/master-status.ts'

const barWidth = 24

/** Lines for the person who started the app. A line in progress is rewritten on a terminal, and left out elsewhere. */
export class Terminal {
  readonly #out: NodeJS.WriteStream
  #pending = false

  constructor(out: NodeJS.WriteStream = process.stdout) {
    this.#out = out
  }

  line(text = ''): void {
    this.#clear()
    this.#out.write(text === '' ? '\n' : `  ${text}\n`)
  }

  /** Shows how far something is; the next line takes its place. */
  progress(text: string): void {
    if (!this.#out.isTTY || text === '') return
    this.#out.write(`\r\u001b[2K  ${text}`)
    this.#pending = true
  }

  #clear(): void {
    if (this.#pending) this.#out.write('\r\u001b[2K')
    this.#pending = false
  }
}

/** `importing master.json.gz ▕████████            ▏ 61,500 rows` */
export function progressText({ progress }: MasterStatus): string {
  if (progress === undefined) return ''
  const { label, rowsRead, expectedRows } = progress
  const rows = `${counted(rowsRead)} rows`
  if (expectedRows === undefined) return `reading ${label}: ${rows}`
  const filled = Math.min(barWidth, Math.round((rowsRead / expectedRows) * barWidth))
  return `reading ${label} ▕${'█'.repeat(filled)}${' '.repeat(barWidth - filled)}▏ ${rows}`
}

export function counted(count: number): string {
  return count.toLocaleString('en-IN')
}
