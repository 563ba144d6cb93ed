import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

/**
 * Keeps what Node.js makes of the sources, so that later starts need not do it again. In a folder of ours: in the
 * system's temporary one others could write what we then run. Where that can't be written, nothing is kept.
 */
export function keepCompiled(): void {
  enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/compiled'))
}
