import { createRequire } from 'node:module'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { CacheError } from '@cache/core'

/**
 * Where packages are looked for: beside the application, because strict package managers do not let this package see
 * what only the application depends on. `from` is a file or directory of the application, as a path or `file:` URL.
 */
export function packageRoots(from: string | undefined): readonly string[] {
  const main = process.argv[1]
  const candidates = [from, main, join(process.cwd(), 'package.json'), import.meta.url]
  return candidates.filter((root) => root !== undefined)
}

/** The file that a package begins with, as a URL; `undefined` where it is not installed. */
export function findPackage(name: string, roots: readonly string[]): string | undefined {
  for (const root of roots) {
    try {
      const file = createRequire(root.startsWith('file:') ? root : asFile(root)).resolve(name)
      return pathToFileURL(file).href
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
  return undefined
}

/**
 * Loads a package that may be missing.
 *
 * @throws CacheError `INVALID_OPTION` when it is not installed, and what it throws itself when it is loaded
 */
export async function loadPackage(name: string, roots: readonly string[]): Promise<unknown> {
  const url = findPackage(name, roots)
  if (url !== undefined) return import(url)
  throw new CacheError('INVALID_OPTION', `${name} is not installed; run: npm install ${name}`)
}

/** A function that a package exports. */
export async function loadFunction(
  packageName: string,
  exportName: string,
  roots: readonly string[],
): Promise<(options: object) => unknown> {
  const loaded = await loadPackage(packageName, roots)
  const found = (loaded as Readonly<Record<string, unknown>>)[exportName]
  if (typeof found === 'function') return found as (options: object) => unknown
  throw new CacheError('INVALID_OPTION', `${packageName} exports no ${exportName}; update it`)
}

/** `createRequire` looks beside the file it is given; in a directory it is given, beside one that need not be there. */
function asFile(path: string): string {
  return /\.[cm]?[jt]sx?$|\.json$/.test(path) ? path : join(path, 'package.json')
}

function isNotFound(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'MODULE_NOT_FOUND' || code === 'ERR_PACKAGE_PATH_NOT_EXPORTED'
}
