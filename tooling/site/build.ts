// `pnpm site`: puts the pages of the repository together and builds the site into `dist`. Fails on a dead link.
import { join } from 'node:path'
import { build } from 'vitepress'
import { gatherPages } from './pages.ts'
import { writeReference } from './reference.ts'

gatherPages()
writeReference()
await build(import.meta.dirname)
console.log(`The site is in ${join(import.meta.dirname, 'dist')}`)
