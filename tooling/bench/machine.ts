import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, release, type } from 'node:os'
import { join } from 'node:path'

/** One line on what the figures were measured with. */
export function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  return `${availableParallelism()} × ${model}, ${type()} ${release()}, Node ${process.versions.node}`
}

/** The installed version of a package of this workspace, by the name it has there. */
export function versionOf(packageName: string): string {
  const file = join(import.meta.dirname, 'node_modules', packageName, 'package.json')
  try {
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }
    return version
  } catch {
    return '?'
  }
}
