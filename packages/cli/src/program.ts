import { createRequire } from 'node:module'
import { Command, InvalidArgumentError, Option } from 'commander'
import { cacheVariables, envTemplate } from '@cache/environment'
import { verifyAudit, type VerifyFlags } from './commands/audit.ts'
import { bench } from './commands/bench.ts'
import { doctor } from './commands/doctor.ts'
import { clear, getEntry, invalidate, listKeys } from './commands/entries.ts'
import { migrate, type MigrateFlags } from './commands/migrate.ts'
import { rotateKeys, type RotateFlags } from './commands/rotate-keys.ts'
import { stats } from './commands/stats.ts'
import { diffSymbols, importSymbols, searchSymbols, type SearchFlags } from './commands/symbols.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import type { CommandContext, GlobalOptions } from './settings.ts'
import { Terminal } from './terminal.ts'

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string }

const epilogue = `
The backend is the one that the environment variables and .env in this directory say, as an application would choose it;
--backend names another: sqlite:DIR, redis://HOST:PORT/DB, valkey://HOST:PORT/DB.

Exit codes: 0 done, 1 a fault or nothing found, 2 wrong usage, 3 the backend can't be used, 130 interrupted.`

/** The hashed keys of sensitive caches are base64url: one in 64 begins like an option. */
const keyAfterDashes = "(a key that begins with '-' stands after --, as in: cache get CACHE -- -KEY)"

/** The command with all of its subcommands. `ended` is told the exit code of the one that ran. */
export function program(ended: (code: ExitCode) => void): Command {
  const root = new Command('cache')
    .description('Looks into caches, checks their configuration, and moves their entries.')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('--backend <place>', 'the backend to work on')
    .option('--prefix <text>', 'the first part of every key')
    .option('--settings <file>', 'settings to read in place of .env')
    .option('--json', 'print one JSON document')
    .addHelpText('after', epilogue)
    .showHelpAfterError('(cache --help lists what there is)')
    .exitOverride()
  const run = (command: Command, work: (context: CommandContext) => Promise<ExitCode>): Promise<void> => {
    const options = command.optsWithGlobals<GlobalOptions>()
    return work({ options, terminal: new Terminal(options.json === true) }).then(ended)
  }
  addChecks(root, run)
  addEntries(root, run)
  addMoves(root, run)
  addAudit(root, run)
  addSymbols(root, run)
  return root
}

type Run = (command: Command, work: (context: CommandContext) => Promise<ExitCode>) => Promise<void>

function addChecks(root: Command, run: Run): void {
  root
    .command('doctor')
    .description('check settings, packages, backend, rights and files, and say what to mend')
    .action((_flags, command: Command) => run(command, doctor))
  root
    .command('stats')
    .description('show what the backend holds: live on a terminal, once in a pipe')
    .option('--once', 'show it once on a terminal as well')
    .option('--interval <seconds>', 'time between two looks', positiveNumber, 1)
    .action((flags: { once?: boolean; interval: number }, command: Command) =>
      run(command, (context) => stats(context, flags)),
    )
  root
    .command('bench')
    .description('measure how fast the backend is from here, in a cache of its own')
    .option('--entries <number>', 'operations of each kind', wholeNumber, 2000)
    .action((flags: { entries: number }, command: Command) =>
      run(command, (context) => bench(context, flags)),
    )
  root
    .command('env')
    .description('print a template of all environment variables')
    .action((_flags, command: Command) =>
      run(command, async ({ terminal }) => {
        const template = envTemplate(cacheVariables, 'Uncomment what should differ from its default.')
        terminal.result({ template }, () => terminal.line(template.trimEnd()))
        return exitCodes.done
      }),
    )
}

function addEntries(root: Command, run: Run): void {
  root
    .command('get <cache> <key...>')
    .description('show an entry; several words are the parts of its key, after -- if one begins with -')
    .option('--meta', 'also show its times, tags and revision')
    .showHelpAfterError(keyAfterDashes)
    .option('--cache-version <number>', 'the schema version of the cache', wholeNumber)
    .action(
      (cache: string, parts: string[], flags: { meta?: boolean; cacheVersion?: number }, command: Command) =>
        run(command, (context) =>
          getEntry(context, cache, parts, { meta: flags.meta, version: flags.cacheVersion }),
        ),
    )
  root
    .command('keys <cache> [pattern]')
    .description("list keys; in a pattern * is any run of characters, ? is one, and ':' joins the parts")
    .option('--tag <tag>', 'only entries that carry it')
    .option('--limit <number>', 'keys at most', wholeNumber, 1000)
    .option('--cache-version <number>', 'the schema version of the cache', wholeNumber)
    .action(
      (
        cache: string,
        pattern: string | undefined,
        flags: { tag?: string; limit: number; cacheVersion?: number },
        command: Command,
      ) =>
        run(command, (context) =>
          listKeys(context, cache, pattern ?? '*', { ...flags, version: flags.cacheVersion }),
        ),
    )
  root
    .command('invalidate [cache] [key...]')
    .description('make an entry unreadable everywhere, or with --tag what carries the tags')
    .option('--tag <tag...>', 'tags, in one cache or in all')
    .showHelpAfterError(keyAfterDashes)
    .option('--cache-version <number>', 'the schema version of the cache', wholeNumber)
    .action(
      (
        cache: string | undefined,
        parts: string[],
        flags: { tag?: string[]; cacheVersion?: number },
        command: Command,
      ) =>
        run(command, (context) =>
          invalidate(context, { cache, parts, tags: flags.tag ?? [] }, { version: flags.cacheVersion }),
        ),
    )
  root
    .command('clear [cache]')
    .description('make every entry of a cache, or of --all, unreadable')
    .option('--all', 'every cache')
    .option('--yes', 'do not ask')
    .action((cache: string | undefined, flags: { all?: boolean; yes?: boolean }, command: Command) =>
      run(command, (context) => clear(context, cache, flags)),
    )
}

function addMoves(root: Command, run: Run): void {
  root
    .command('migrate <from> <to>')
    .description('copy entries with their times, tags and ciphertext; Ctrl-C stops, the same command goes on')
    .option('--cache <name...>', 'only these caches')
    .option('--keep-existing', 'leave entries that the target has')
    .option('--restart', 'begin anew in place of going on')
    .option('--no-verify', 'do not look for every entry afterwards')
    .option('--state <file>', 'where the position is kept', '.cache-migration.json')
    .addHelpText(
      'after',
      '\nPlaces: sqlite:DIR, redis://…, valkey://…, memory:FILE (a snapshot file), env (the settings).',
    )
    .action((from: string, to: string, flags: MigrateFlags, command: Command) =>
      run(command, (context) => migrate(context, from, to, flags)),
    )
  root
    .command('rotate-keys')
    .description('make a new key and seal the entries of the caches that hold secrets with it')
    .option('--cache <name...>', 'these caches; default: those that are known to hold secrets')
    .addOption(
      new Option('--retire <how>', 'what becomes of the keys before')
        .choices(['keep', 'disable', 'destroy'])
        .default('keep'),
    )
    .action((flags: RotateFlags, command: Command) => run(command, (context) => rotateKeys(context, flags)))
}

function addAudit(root: Command, run: Run): void {
  root
    .command('audit')
    .description('check the audit log')
    .command('verify [file]')
    .description('say whether every record is as it was written; default: the log of the settings')
    .option('--key-file <file>', 'the key that the audit began with; default: FILE.key')
    .option(
      '--checkpoints <file>',
      'checkpoints from the second place: without them a cut end is not noticed',
    )
    .action((file: string | undefined, flags: VerifyFlags, command: Command) =>
      run(command, (context) => verifyAudit(context, file, flags)),
    )
}

function addSymbols(root: Command, run: Run): void {
  const symbols = root.command('symbols').description("read, search and compare brokers' instrument masters")
  symbols
    .command('import <master>')
    .description('read a master and say what became of its rows')
    .option('-o, --output <file>', 'keep it as a snapshot, FILE.snapshot')
    .action((master: string, flags: { output?: string }, command: Command) =>
      run(command, (context) => importSymbols(context, master, flags)),
    )
  symbols
    .command('search <file> <query>')
    .description('search a master or a .snapshot')
    .option('--exchange <name>', 'only this exchange')
    .option('--limit <number>', 'results at most', wholeNumber, 20)
    .option('--typos', 'also find words with one slip')
    .action((file: string, query: string, flags: SearchFlags, command: Command) =>
      run(command, (context) => searchSymbols(context, file, query, flags)),
    )
  symbols
    .command('diff <before> <after>')
    .description('compare two masters or snapshots')
    .action((before: string, after: string, _flags: object, command: Command) =>
      run(command, (context) => diffSymbols(context, before, after)),
    )
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= 1) return value
  throw new InvalidArgumentError('It must be a whole number from 1.')
}

function positiveNumber(text: string): number {
  const value = Number(text)
  if (value > 0 && value <= 3600) return value
  throw new InvalidArgumentError('It must be a number above 0.')
}
