import { createCaches, type Caches } from '@cache/core'
import { environmentProtection, loadPackage } from '@cache/environment'
import { BackendEntries } from '@cache/transfer'
import type { KeyedProtection, RotateOptions, RotateResult } from '@cache/crypto'
import { CliFault, exitCodes, type ExitCode } from '../exit-codes.ts'
import { openBackend } from '../open-backend.ts'
import { roots, settingsOf, type CommandContext } from '../settings.ts'
import { holdsSecrets } from '../stored-value.ts'
import { grouped } from '../terminal.ts'

export interface RotateFlags {
  readonly cache?: readonly string[] | undefined
  readonly retire: NonNullable<RotateOptions['retire']>
}

type Rotate = (caches: Caches, protection: KeyedProtection, options: RotateOptions) => Promise<RotateResult>

/** Makes a new key and seals the entries of the caches that hold secrets with it, while they are in use. */
export async function rotateKeys(context: CommandContext, flags: RotateFlags): Promise<ExitCode> {
  const settings = settingsOf(context.options)
  const protection = await environmentProtection(settings, roots())
  if (!protection) {
    throw new CliFault(
      exitCodes.unavailable,
      'Nothing is encrypted here; install @cache/crypto, and leave CACHE_ENCRYPTION_ENABLED as it is',
    )
  }
  const { rotateKeys: rotate } = (await loadPackage('@cache/crypto', roots())) as {
    readonly rotateKeys: Rotate
  }
  const { backend, prefix } = await openBackend(context)
  const names = settings.values.CACHE_ENCRYPTED_NAMES
  const found = await new BackendEntries(backend, { caches: flags.cache }).list()
  const sealed = found.filter(({ cache }) => flags.cache !== undefined || holdsSecrets(cache, names))
  const start = async (): Promise<void> => undefined
  const caches = await createCaches({
    backend: Object.assign(backend, { start }),
    protection,
    prefix,
    upkeep: { onStart: false },
  })
  try {
    // One schema version of each: others are read with the old key until they are written anew.
    const latest = new Map(sealed.map(({ cache, version }) => [cache, version]))
    for (const [cache, version] of latest) caches.define(cache, { sensitive: true, version })
    const result = await rotate(caches, protection as KeyedProtection, { retire: flags.retire })
    context.terminal.result({ ...result, caches: [...latest.keys()] }, () => {
      context.terminal.line(`The new key is ${result.key}.`)
      context.terminal.line(
        `${grouped(result.resealed)} entries of ${latest.size} caches are sealed with it.`,
      )
      if (result.unreadable > 0)
        context.terminal.line(`${grouped(result.unreadable)} could not be read and were left.`)
    })
    return result.unreadable > 0 ? exitCodes.failed : exitCodes.done
  } finally {
    await caches.close()
  }
}
