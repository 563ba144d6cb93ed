import { isCacheError, systemClock, type CacheBackend } from '@cache/core'
import {
  BackendRegistry,
  chooseBackend,
  environmentOptions,
  loadFunction,
  type BackendChoice,
} from '@cache/environment'
import { CliFault, exitCodes } from './exit-codes.ts'
import { roots, settingsOf, type CommandContext } from './settings.ts'

/** A backend that has been started, and how it came to be that one. */
export interface OpenedBackend {
  readonly backend: CacheBackend
  readonly choice: BackendChoice
  readonly prefix: string
}

/** A place that a person names: `sqlite:DIR`, `redis://host:6379/0`, `valkey://…`; nothing for what the settings say. */
export async function openBackend(context: CommandContext, place?: string): Promise<OpenedBackend> {
  const { options, terminal } = context
  const settings = settingsOf(options)
  const named = place ?? options.backend
  try {
    const { backend, choice } = named === undefined ? await chosen(settings) : await fromPlace(named)
    const prefix = options.prefix ?? environmentOptions(settings, choice.backend).prefix ?? 'cache'
    for (const warning of choice.warnings) terminal.note(`! ${warning}`)
    const report = (message: string): void => terminal.note(`! ${message}`)
    try {
      await backend.start({ prefix, clock: systemClock, report })
    } catch (error) {
      await backend.close().catch(() => undefined)
      throw error
    }
    return { backend, choice, prefix }
  } catch (error) {
    throw unavailable(error, named)
  }
}

/** Works with a backend and closes it, whatever happens. */
export async function withBackend<T>(
  context: CommandContext,
  work: (opened: OpenedBackend) => Promise<T>,
): Promise<T> {
  const opened = await openBackend(context)
  try {
    return await work(opened)
  } finally {
    await opened.backend.close()
  }
}

function chosen(settings: ReturnType<typeof settingsOf>) {
  return chooseBackend({ ...settings, registry: new BackendRegistry(), roots: roots(), clock: systemClock })
}

async function fromPlace(place: string): Promise<{ backend: CacheBackend; choice: BackendChoice }> {
  const name = /^(sqlite|redis|valkey)s?:/.exec(place)?.[1]
  if (name === undefined) {
    throw new CliFault(
      exitCodes.usage,
      `'${withoutSecret(place)}' is no backend; name sqlite:DIR, redis://HOST:PORT/DB or valkey://HOST:PORT/DB`,
    )
  }
  const make = await loadFunction(`@cache/${name}`, name, roots())
  const options = name === 'sqlite' ? { directory: place.slice('sqlite:'.length) } : { url: serverUrl(place) }
  const explanation = `${withoutSecret(place)} is named`
  return {
    backend: make(options) as CacheBackend,
    choice: { backend: name, reason: 'explicit', explanation, warnings: [] },
  }
}

/** The clients of both servers know the schemes of Redis. */
function serverUrl(place: string): string {
  return place.replace(/^valkey/, 'redis')
}

/** A place as it may be shown. */
export function withoutSecret(place: string): string {
  return place.replace(/\/\/[^@/]*@/, '//…@')
}

function unavailable(error: unknown, place: string | undefined): unknown {
  if (!isCacheError(error)) return error
  const where = place === undefined ? '' : ` (${withoutSecret(place)})`
  const code =
    error.code === 'INVALID_OPTION' && !/not installed/.test(error.message) ? 'usage' : 'unavailable'
  return new CliFault(exitCodes[code], `${error.message}${where}`)
}
