import { loadPackage } from '@cache/environment'
import type * as SymbolIndex from '@cache/symbol-index'
import type { Changes, MasterDifference, SymbolSet } from '@cache/symbol-index'
import { CliFault, exitCodes, type ExitCode } from '../exit-codes.ts'
import { roots, type CommandContext } from '../settings.ts'
import { grouped, table } from '../terminal.ts'

export interface SearchFlags {
  readonly exchange?: string | undefined
  readonly limit: number
  readonly typos?: boolean | undefined
}

/** Reads a broker's master, says what became of its rows, and keeps it as a snapshot if a path is given. */
export async function importSymbols(
  context: CommandContext,
  master: string,
  flags: { readonly output?: string | undefined },
): Promise<ExitCode> {
  const { importMaster, saveSnapshot } = await symbolIndex()
  const { set, report } = await refusing(importMaster(master))
  if (flags.output !== undefined) await saveSnapshot(set, flags.output)
  context.terminal.result({ ...report, output: flags.output }, () => {
    const { terminal } = context
    terminal.line(
      `${grouped(report.rowsKept)} of ${grouped(report.rowsRead)} rows of ${report.format} were kept.`,
    )
    for (const [reason, count] of Object.entries(report.rejected.byReason))
      terminal.line(`  ${grouped(count ?? 0)} rejected: ${reason}`)
    for (const line of table(['exchange', 'instruments'], Object.entries(report.byExchange)))
      terminal.line(line)
    if (flags.output !== undefined) terminal.line(`Kept in ${flags.output}.`)
  })
  return exitCodes.done
}

/** Searches a master or a snapshot. */
export async function searchSymbols(
  context: CommandContext,
  file: string,
  query: string,
  flags: SearchFlags,
): Promise<ExitCode> {
  const { exchange, limit, typos } = flags
  const set = await readSet(file)
  const { total, results } = set.search({
    query,
    limit,
    ...(exchange === undefined ? {} : { exchange }),
    ...(typos === undefined ? {} : { typos }),
  })
  const shown = results.map(({ symbol, exchange: at, token, name, expiry, strike }) => {
    return { symbol, exchange: at, token, name, expiry, strike }
  })
  context.terminal.result({ total, results: shown }, () => {
    const rows = shown.map(({ symbol, exchange: at, token, name }) => [symbol, at, token, name])
    for (const line of table(['symbol', 'exchange', 'token', 'name'], rows)) context.terminal.line(line)
    context.terminal.line(`${grouped(total)} found.`)
  })
  return total > 0 ? exitCodes.done : exitCodes.failed
}

/** What changed between two masters or snapshots. */
export async function diffSymbols(context: CommandContext, before: string, after: string): Promise<ExitCode> {
  const { diffMasters } = await symbolIndex()
  const difference = diffMasters(await readSet(before), await readSet(after))
  context.terminal.result(difference, () => showDifference(context, difference))
  return exitCodes.done
}

function showDifference({ terminal }: CommandContext, difference: MasterDifference): void {
  const { added, removed, renamed, changed, reusedTokens } = difference
  const list = <T>(title: string, changes: Changes<T>, text: (change: T) => string): void => {
    terminal.line(`${terminal.style('bold', title)}: ${grouped(changes.total)}`)
    for (const change of changes.first.slice(0, 10)) terminal.line(`  ${text(change)}`)
  }
  list('added', added, ({ symbol, exchange }) => `${exchange} ${symbol}`)
  list('removed', removed, ({ symbol, exchange }) => `${exchange} ${symbol}`)
  list('renamed', renamed, (change) => `${change.exchange} ${change.before} is now ${change.after}`)
  list('changed', changed, ({ exchange, symbol, fields }) => `${exchange} ${symbol}: ${fields.join(', ')}`)
  list('tokens that name another contract', reusedTokens, (change) => {
    return `${change.exchange} ${change.token}: ${change.before} was, ${change.after} is`
  })
}

async function readSet(file: string): Promise<SymbolSet> {
  const { importMaster, loadSnapshot } = await symbolIndex()
  if (file.endsWith('.snapshot')) return refusing(loadSnapshot(file))
  return (await refusing(importMaster(file))).set
}

async function symbolIndex(): Promise<typeof SymbolIndex> {
  return (await loadPackage('@cache/symbol-index', roots())) as typeof SymbolIndex
}

/** A file that cannot be read, or is no master, ends the command with what is wrong with it. */
async function refusing<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (error) {
    throw new CliFault(exitCodes.failed, error instanceof Error ? error.message : String(error))
  }
}
