import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { syntheticMaster } from '@cache/symbol-index'

/** Writes a small invented master into a directory and gives its path. */
export async function smallMaster(directory: string, rows = 3000): Promise<string> {
  const path = join(directory, 'small-master.json')
  await writeFile(path, await Array.fromAsync(syntheticMaster({ rows })))
  return path
}
