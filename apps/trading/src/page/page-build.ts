import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const pageDirectory: string = join(import.meta.dirname, '../../web')
export const builtDirectory: string = join(pageDirectory, 'dist')

const stampFile = join(builtDirectory, '.built-from')

/** Whether the built page is that of the sources as they are now. */
export function pageIsCurrent(): boolean {
  try {
    return readFileSync(stampFile, 'utf8') === sourceHash()
  } catch {
    return false
  }
}

/** Builds the page in a process of its own, so that the builder's memory is given back. */
export async function buildPage(): Promise<void> {
  const hash = sourceHash()
  const script = join(import.meta.dirname, 'build.ts')
  const env = { ...process.env, NODE_ENV: 'production' }
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'pipe'], env })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  if (code !== 0) throw new Error(`The page could not be built:\n${output}`)
  writeFileSync(stampFile, hash)
}

function sourceHash(): string {
  const hash = createHash('sha256')
  const sources = globSync(['*.*', 'src/**/*.*', 'public/**/*.*', '../package.json'], { cwd: pageDirectory })
  for (const path of sources.sort()) hash.update(path).update(readFileSync(join(pageDirectory, path)))
  return hash.digest('hex')
}
