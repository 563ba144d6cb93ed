interface LogRecord {
  readonly level: number
  readonly msg?: string
  readonly err?: { readonly message?: string; readonly stack?: string }
  readonly ip?: string
}

const warnLevel = 40
const errorLevel = 50

/** Turns log records into lines for people. */
export const terminalLog = {
  write(line: string): void {
    process.stderr.write(`${readable(line)}\n`)
  },
}

function readable(line: string): string {
  const record = JSON.parse(line) as LogRecord
  const { level, msg = '', err, ip } = record
  const name = level >= errorLevel ? 'error' : level >= warnLevel ? 'warning' : 'info'
  const from = ip === undefined ? '' : ` (from ${ip})`
  const why = err?.message === undefined || err.message === msg ? '' : `: ${err.message}`
  const stack = level >= errorLevel && err?.stack !== undefined ? `\n${err.stack}` : ''
  return `  ${name}  ${msg}${why}${from}${stack}`
}
