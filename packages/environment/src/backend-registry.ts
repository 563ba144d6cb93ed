import { CacheError, type BackendCapabilities, type CacheBackend } from '@cache/core'
import type { CacheVariableName, CacheVariableValues } from './cache-variables.ts'
import { findPackage, loadFunction } from './installed-package.ts'
import { redisOptions } from './redis-options.ts'

/** What a backend is made from. */
export interface BackendRequest {
  readonly values: CacheVariableValues
  /** The variables that the environment gives; the others have their defaults. */
  readonly given: ReadonlySet<CacheVariableName>
  /** Where packages are looked for. */
  readonly roots: readonly string[]
}

/** A backend that `CACHE_BACKEND` can name. */
export interface BackendProvider {
  readonly name: string
  /** As in the capabilities of the backend: only `'network'` serves several instances. */
  readonly shared: BackendCapabilities['shared']
  /** The package that it needs; the provider is left out where that is not installed. */
  readonly packageName?: string | undefined
  /** Makes the backend; connects to nothing yet. */
  open(request: BackendRequest): Promise<CacheBackend> | CacheBackend
}

/** The backends by name: those of these packages, each loaded when it is chosen, and custom ones. */
export class BackendRegistry {
  readonly #providers = new Map<string, BackendProvider>()

  constructor() {
    for (const provider of builtIn) this.#providers.set(provider.name, provider)
  }

  /**
   * Adds a backend of your own, or takes the place of a built-in one.
   *
   * @throws CacheError `INVALID_OPTION` for a name that cannot stand in `CACHE_BACKEND`
   */
  add(provider: BackendProvider): this {
    if (!/^[a-z][a-z0-9_-]*$/.test(provider.name)) {
      throw new CacheError(
        'INVALID_OPTION',
        "A backend's name is lower-case letters, digits, '-' and '_', beginning with a letter",
      )
    }
    this.#providers.set(provider.name, provider)
    return this
  }

  get(name: string): BackendProvider | undefined {
    return this.#providers.get(name)
  }

  get names(): readonly string[] {
    return [...this.#providers.keys()]
  }

  /** Those that serve several instances, in the order in which they are tried. */
  get servers(): readonly BackendProvider[] {
    return [...this.#providers.values()].filter(({ shared }) => shared === 'network')
  }
}

/** Whether the package of a provider is there. */
export function isInstalled({ packageName }: BackendProvider, roots: readonly string[]): boolean {
  return packageName === undefined || findPackage(packageName, roots) !== undefined
}

function provided(
  name: string,
  shared: BackendProvider['shared'],
  options: (request: BackendRequest) => object,
): BackendProvider {
  const packageName = `@cache/${name}`
  return {
    name,
    shared,
    packageName,
    open: async (request) => {
      const make = await loadFunction(packageName, name, request.roots)
      return make(options(request)) as CacheBackend
    },
  }
}

const builtIn: readonly BackendProvider[] = [
  provided('memory', 'process', () => ({})),
  provided('sqlite', 'host', ({ values }) => ({
    directory: values.SQLITE_CACHE_PATH,
    vacuumInterval: values.SQLITE_VACUUM_INTERVAL,
  })),
  provided('redis', 'network', redisOptions),
  provided('valkey', 'network', redisOptions),
]
