import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The repository's root. */
export const root: string = join(import.meta.dirname, '../..')

export interface Page {
  /** From the root. */
  readonly path: string
  readonly text: string
}

/** Every page that users read. */
export function pages(): Page[] {
  const paths = ['*.md', 'docs/**/*.md', '{packages,apps,tooling,examples}/*/*.md'].flatMap((pattern) =>
    globSync(pattern, { cwd: root, exclude: (path) => path.includes('node_modules') }),
  )
  return paths.toSorted().map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

export interface Snippet {
  /** The page and the line it begins at. */
  readonly name: string
  readonly code: string
}

/** The `ts` blocks of a page. */
export function snippets(page: Page): Snippet[] {
  return Array.from(page.text.matchAll(/^```ts\n(.*?)^```$/gms), (match) => {
    const line = page.text.slice(0, match.index).split('\n').length
    return { name: `${page.path}:${line}`, code: match[1] ?? '' }
  })
}
