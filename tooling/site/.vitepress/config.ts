import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig, type DefaultTheme } from 'vitepress'
import { pagesFolder } from '../pages.ts'

/** The guides, in the order in which somebody reads them; those that are not named here come last. */
const order = [
  'concepts',
  'consistency',
  'configuration',
  'backends',
  'tiering',
  'tags',
  'security',
  'symbol-index',
  'locks-and-limits',
  'sessions',
  'metrics',
  'cli',
  'deployment',
  'tuning',
  'troubleshooting',
  'redis-hardening',
  'migration',
  'writing-a-backend',
  'architecture',
  'errors',
  'quality',
  'decisions',
  'principles',
]

export default defineConfig({
  title: '@cache',
  description: 'One cache interface for Node.js over memory, SQLite, Redis and Valkey',
  srcDir: pagesFolder,
  outDir: join(import.meta.dirname, '../dist'),
  cacheDir: join(import.meta.dirname, '../.cache'),
  cleanUrls: true,
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Guides', link: '/docs/consistency' },
      { text: 'Packages', link: '/packages/core/' },
      { text: 'Reference', link: '/reference/' },
    ],
    sidebar: [
      { text: 'Guides', items: guides() },
      { text: 'Packages', items: readmes('packages') },
      { text: 'Examples', items: readmes('examples') },
      { text: 'The trading app', link: '/apps/trading/' },
      { text: 'Benchmarks', link: '/tooling/bench/' },
      { text: 'Reference', link: '/reference/', items: references() },
    ],
  },
})

function guides(): DefaultTheme.SidebarItem[] {
  const names = globSync('*.md', { cwd: join(pagesFolder, 'docs') }).map((file) =>
    file.slice(0, -'.md'.length),
  )
  const place = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length)
  return names
    .toSorted((one, other) => place(one) - place(other) || one.localeCompare(other))
    .map((name) => ({ text: heading(`docs/${name}.md`), link: `/docs/${name}` }))
}

function readmes(folder: string): DefaultTheme.SidebarItem[] {
  return globSync(`${folder}/*/index.md`, { cwd: pagesFolder })
    .toSorted()
    .map((file) => ({ text: heading(file), link: `/${file.slice(0, -'index.md'.length)}` }))
}

function references(): DefaultTheme.SidebarItem[] {
  return globSync('reference/*.md', { cwd: pagesFolder })
    .filter((file) => !file.endsWith('/index.md'))
    .toSorted()
    .map((file) => ({ text: heading(file), link: `/${file.slice(0, -'.md'.length)}` }))
}

function heading(file: string): string {
  return /^# (.+)$/m.exec(readFileSync(join(pagesFolder, file), 'utf8'))?.[1] ?? file
}
