import { createInterface } from 'node:readline/promises'
import process from 'node:process'
import { isStateName, keyPattern, parseStoredKey, storedKey, type CacheBackend } from '@cache/core'
import { BackendEntries } from '@cache/transfer'
import { CliFault, exitCodes, type ExitCode } from '../exit-codes.ts'
import { withBackend } from '../open-backend.ts'
import { settingsOf, type CommandContext } from '../settings.ts'
import { findCache, holdsSecrets, shown } from '../stored-value.ts'
import { inWords } from '../terminal.ts'

export interface CacheFlags {
  /** The cache's schema version. */
  readonly version?: number | undefined
}

/** Shows one entry. Values that are sealed, binary or in a cache of secrets are not shown. */
export function getEntry(
  context: CommandContext,
  cache: string,
  parts: readonly string[],
  flags: CacheFlags & { readonly meta?: boolean | undefined },
): Promise<ExitCode> {
  const secrets = settingsOf(context.options).values.CACHE_ENCRYPTED_NAMES
  return withBackend(context, async ({ backend }) => {
    const place = await findCache(backend, cache, flags.version)
    const store = new BackendEntries(backend).store(place)
    const [entry] = (await store.read([storedKey([...parts])])).entries
    if (entry === undefined) throw new CliFault(exitCodes.failed, `There is no such entry in '${cache}'`)
    const what = shown(entry, holdsSecrets(cache, secrets))
    const { freshForMs, keptForMs, ageMs, sizeBytes, revision, version, tags } = entry
    const meta = { ...place, freshForMs, keptForMs, ageMs, sizeBytes, revision, sourceVersion: version, tags }
    context.terminal.result({ ...what, ...meta }, () => {
      if (what.kind === 'hidden') context.terminal.line(`(not shown: ${what.reason})`)
      else if (what.kind === 'text') context.terminal.line(what.text)
      else context.terminal.line(JSON.stringify(what.value, undefined, 2))
      if (!flags.meta) return
      context.terminal.line(
        `fresh for ${inWords(freshForMs)}, kept for ${inWords(keptForMs)}, age ${inWords(ageMs)}`,
      )
      context.terminal.line(`${sizeBytes} bytes, revision ${revision}, tags ${tags.join(' ') || 'none'}`)
    })
    return exitCodes.done
  })
}

/** Lists keys, one a line. */
export function listKeys(
  context: CommandContext,
  cache: string,
  pattern: string,
  flags: CacheFlags & { readonly tag?: string | undefined; readonly limit: number },
): Promise<ExitCode> {
  return withBackend(context, async ({ backend }) => {
    const store = new BackendEntries(backend).store(await findCache(backend, cache, flags.version))
    const compiled = keyPattern(pattern)
    const keys: string[] = []
    let cursor: string | undefined
    do {
      const page = await store.scan({ prefix: compiled.prefix, tag: flags.tag, limit: 500, cursor })
      keys.push(...page.keys.filter((key) => compiled.matches(key)))
      cursor = page.cursor
    } while (cursor !== undefined && keys.length < flags.limit)
    const listed = keys.slice(0, flags.limit)
    context.terminal.result(listed.map(parseStoredKey), () => {
      for (const key of listed) context.terminal.line(key)
    })
    if (cursor !== undefined || keys.length > flags.limit)
      context.terminal.note(`The first ${flags.limit}; --limit shows more.`)
    return exitCodes.done
  })
}

/** Makes entries unreadable everywhere, by key or by tag. */
export function invalidate(
  context: CommandContext,
  target: {
    readonly cache: string | undefined
    readonly parts: readonly string[]
    readonly tags: readonly string[]
  },
  flags: CacheFlags,
): Promise<ExitCode> {
  const { cache, parts, tags } = target
  if (tags.length === 0 && (cache === undefined || parts.length === 0))
    throw new CliFault(exitCodes.usage, 'Name a cache and a key, or --tag TAG with or without a cache')
  if (tags.length > 0 && parts.length > 0) throw new CliFault(exitCodes.usage, 'Name a key or tags, not both')
  return withBackend(context, async ({ backend }) => {
    const entries = new BackendEntries(backend)
    if (tags.length === 0) {
      const store = entries.store(await findCache(backend, cache ?? '', flags.version))
      const { outcomes } = await store.change([{ kind: 'delete', key: storedKey([...parts]) }])
      const found = outcomes[0] === 'applied'
      context.terminal.result({ found }, () =>
        context.terminal.line(
          found ? 'Invalidated.' : 'There was no such entry; loads under way are refused.',
        ),
      )
      return exitCodes.done
    }
    const caches =
      cache === undefined
        ? await everyCache(backend)
        : [(await findCache(backend, cache, flags.version)).cache]
    for (const each of caches)
      await entries.store({ cache: each, version: 1 }).change([{ kind: 'tags', tags }])
    context.terminal.result({ caches, tags }, () =>
      context.terminal.line(`Invalidated ${tags.join(', ')} in ${caches.length} caches.`),
    )
    return exitCodes.done
  })
}

/** Makes every entry of a cache, or of all, unreadable. Asks first. */
export async function clear(
  context: CommandContext,
  cache: string | undefined,
  flags: { readonly all?: boolean | undefined; readonly yes?: boolean | undefined },
): Promise<ExitCode> {
  if ((cache === undefined) === (flags.all !== true))
    throw new CliFault(exitCodes.usage, 'Name a cache, or --all for every cache')
  return withBackend(context, async ({ backend, prefix }) => {
    const entries = new BackendEntries(backend)
    const names =
      cache === undefined ? await everyCache(backend) : [(await findCache(backend, cache, undefined)).cache]
    const found = await new BackendEntries(backend, { caches: names }).list()
    const count = found.reduce((sum, each) => sum + each.count, 0)
    const what = cache === undefined ? `all ${names.length} caches of ${prefix}` : `'${cache}'`
    await confirm(`Clear ${what} with ${count} entries?`, flags.yes === true)
    for (const each of names) await entries.store({ cache: each, version: 1 }).change([{ kind: 'clear' }])
    context.terminal.result({ caches: names, entries: count }, () =>
      context.terminal.line(`Cleared ${what}: ${count} entries.`),
    )
    return exitCodes.done
  })
}

/** Without sessions, bans, locks and limits, which are no caches: they are cleared by their name alone. */
async function everyCache(backend: CacheBackend): Promise<string[]> {
  return (await backend.cacheNames()).filter((name) => !isStateName(name))
}

async function confirm(question: string, isSaid: boolean): Promise<void> {
  if (isSaid) return
  if (!process.stdin.isTTY) throw new CliFault(exitCodes.usage, `${question} Say so with --yes`)
  const asked = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await asked.question(`${question} [y/N] `)
  asked.close()
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliFault(exitCodes.failed, 'Nothing was cleared.')
}
