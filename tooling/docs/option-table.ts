import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { markdownTable } from '@cache/environment'
import { root } from './pages.ts'

/** Where options are declared, and what they are called before their own name. */
interface Declaration {
  /** From the root. */
  readonly file: string
  readonly name: string
  readonly prefix: string
}

const caches = 'packages/core/src/caches/caches-options.ts'
const cache = 'packages/core/src/engine/cache-options.ts'

const ofCaches: readonly Declaration[] = [
  { file: caches, name: 'CachesOptions', prefix: '' },
  { file: caches, name: 'ResilienceOptions', prefix: 'resilience.' },
  { file: caches, name: 'UpkeepOptions', prefix: 'upkeep.' },
  { file: 'packages/core/src/caches/security-options.ts', name: 'SecurityOptions', prefix: 'security.' },
  { file: 'packages/core/src/debug/debug-options.ts', name: 'DebugOptions', prefix: 'debug.' },
  { file: 'packages/core/src/debug/debug-options.ts', name: 'DebugLogOptions', prefix: 'debug.log.' },
]

const ofCache: readonly Declaration[] = [
  { file: cache, name: 'CacheOptions', prefix: '' },
  { file: cache, name: 'ValueOptions', prefix: 'values.' },
  { file: cache, name: 'LocalOptions', prefix: 'l1.' },
  { file: cache, name: 'LoadingOptions', prefix: 'loading.' },
]

/** The options of `createCaches`, as they are described where they are declared. */
export function cachesOptionTable(): string {
  return optionTable(ofCaches)
}

/** The options of `define`, likewise. */
export function cacheOptionTable(): string {
  return optionTable(ofCache)
}

function optionTable(declarations: readonly Declaration[]): string {
  return markdownTable(['option', 'default', 'what it does'], declarations.flatMap(rowsOf))
}

function rowsOf({ file, name, prefix }: Declaration): string[][] {
  const source = readFileSync(join(root, file), 'utf8')
  const body = new RegExp(`^export interface ${name}\\b[^{]*\\{\\n(.*?)^\\}`, 'ms').exec(source)?.[1]
  if (body === undefined) throw new Error(`${file} declares no ${name}`)
  const options = body.matchAll(/(?:^ {2}\/\*\*(.*?)\*\/\n)?^ {2}readonly (\w+)\??:/gms)
  // What has no description is a group, whose options have rows of their own.
  return Array.from(options).flatMap(([, comment, option = '']) =>
    comment === undefined ? [] : [[`\`${prefix}${option}\``, ...described(comment)]],
  )
}

/** The default of an option, and the rest of its description. */
function described(comment: string): readonly [string, string] {
  const text = comment.replaceAll(/\s*\n\s*\* ?/g, ' ').trim()
  const match = /\s*\bDefault:? (.+?)\.(?=\s|$)/i.exec(text)
  const value = match?.[1] ?? ''
  return [value, text.replace(match?.[0] ?? '', '').trim()]
}
