import { packageSuite } from '../package-script.ts'
import type { Suite } from '../suite.ts'

export const symbolsSuite: Suite = packageSuite({
  name: 'symbols',
  summary: 'the symbol index beside plain JavaScript; --data FILE takes a real master',
  folder: 'packages/symbol-index',
})
