import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

export const root: string = join(import.meta.dirname, '../..')
/** Where the site's pages are put together. */
export const pagesFolder: string = join(import.meta.dirname, '.pages')

const repository = 'https://github.com/cache-js/cache/blob/main'

/** Copies the repository's pages into the site: a README is the page of its folder. */
export function gatherPages(): void {
  rmSync(pagesFolder, { recursive: true, force: true })
  const files = [
    'README.md',
    'CONTRIBUTING.md',
    'docs/**/*.md',
    'deploy/**/README.md',
    '{packages,apps,tooling,examples}/*/README.md',
  ].flatMap((pattern) => globSync(pattern, { cwd: root, exclude: (path) => path.includes('node_modules') }))
  for (const file of files) writePage(pagePath(file), withSiteLinks(file))
  for (const chart of globSync('docs/**/*.svg', { cwd: root }))
    writePage(chart, readFileSync(join(root, chart), 'utf8'))
}

export function writePage(path: string, text: string): void {
  const target = join(pagesFolder, path)
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, text)
}

function pagePath(file: string): string {
  return file.replace(/README\.md$/, 'index.md')
}

/**
 * Links of the pages lead to files and folders of the repository, so that they work there. On the site a folder is the
 * page of its README, and a file without a page is the one in the repository.
 */
function withSiteLinks(file: string): string {
  const text = readFileSync(join(root, file), 'utf8')
  return text.replaceAll(
    /\]\((?![a-z]+:|#|\/)([^)\s]+)\)/g,
    (_, target: string) => `](${siteLink(file, target)})`,
  )
}

function siteLink(page: string, target: string): string {
  const [path = '', anchor] = target.split('#')
  const file = posix.normalize(posix.join(posix.dirname(page), path)).replace(/\/$/, '')
  const hash = anchor === undefined ? '' : `#${anchor}`
  if (!existsSync(join(root, file)) || file.endsWith('.svg')) return target
  if (statSync(join(root, file)).isDirectory()) {
    return existsSync(join(root, file, 'README.md')) ? `/${file}/${hash}` : `${repository}/${file}`
  }
  return file.endsWith('.md')
    ? `/${pagePath(file).replace(/(?:(?<![^/])index)?\.md$/, '')}${hash}`
    : `${repository}/${file}`
}
