import { createRequire } from 'node:module'
import type { SqliteDriver } from '../../src/index.ts'
import { heard, say } from './child-store.ts'

/** Holds the write lock of a file until it is told to let go. */
const [path = ''] = process.argv.slice(2)
const driver = createRequire(import.meta.url)('better-sqlite3') as SqliteDriver
const database = new driver(path, { timeout: 1000 })
database.exec('BEGIN IMMEDIATE')
say('locked')
await heard()
database.exec('COMMIT')
database.close()
say('unlocked')
process.exit(0)
