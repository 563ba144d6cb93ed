import { build } from 'vite'

import { pageDirectory } from './page-build.ts'

await build({ root: pageDirectory, logLevel: 'warn' })
