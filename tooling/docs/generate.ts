/** Writes what is generated in the documentation. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generatedFiles } from './generated.ts'
import { root } from './pages.ts'

for (const { path, expected } of generatedFiles()) writeFileSync(join(root, path), expected)
