import type { Clock } from '@cache/core'
import type { ImportReport } from '@cache/symbol-index'

import type { AppDatabase } from '../database/database.ts'

/** What tells one version of a file from another. */
export interface FileStamp {
  readonly path: string
  readonly sizeBytes: number
  readonly modifiedAtMs: number
}

/** Every master that was imported. */
export class ImportLog {
  readonly #database: AppDatabase
  readonly #clock: Clock

  constructor(database: AppDatabase, clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  async add(report: ImportReport, file: FileStamp | undefined): Promise<void> {
    const { source, format, rowsKept, rejected } = report
    await this.#database
      .insertInto('master_imports')
      .values({
        source,
        format,
        rows_kept: rowsKept,
        rows_rejected: rejected.total,
        imported_at_ms: this.#clock.wallMs(),
        report: JSON.stringify({ ...report, file }),
      })
      .execute()
  }

  /** The file that the latest import read, if it was one. */
  async latestFile(): Promise<FileStamp | undefined> {
    const row = await this.#database
      .selectFrom('master_imports')
      .select('report')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row && (JSON.parse(row.report) as { readonly file?: FileStamp }).file
  }
}
