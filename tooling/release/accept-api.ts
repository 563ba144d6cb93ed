// `pnpm api`: writes down the public surface of every package, which the checks compare with from then on.
import { globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { acceptReports } from './api-report.ts'

const root = join(import.meta.dirname, '../..')
for (const manifest of globSync('packages/*/package.json', { cwd: root }))
  acceptReports(join(root, dirname(manifest)))
