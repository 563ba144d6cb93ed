import { packageSuite } from '../package-script.ts'
import type { Suite } from '../suite.ts'

export const appSuite: Suite = packageSuite({
  name: 'app',
  summary: 'the trading app over HTTP with and without caching; --data FILE takes a real master (3 minutes)',
  folder: 'apps/trading',
})
