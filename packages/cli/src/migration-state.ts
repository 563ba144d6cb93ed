import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { withoutSecret } from './open-backend.ts'

interface Kept {
  readonly from: string
  readonly to: string
  readonly position: string
  readonly written: number
}

/** Where a migration stands, in a file beside the caller: what a later call goes on from. */
export class MigrationState {
  readonly #path: string
  readonly #from: string
  readonly #to: string

  constructor(path: string, from: string, to: string) {
    this.#path = path
    this.#from = withoutSecret(from)
    this.#to = withoutSecret(to)
  }

  /** Where an earlier run of the same migration ended. */
  read(): { readonly position: string; readonly written: number } | undefined {
    try {
      const kept = JSON.parse(readFileSync(this.#path, 'utf8')) as Kept
      return kept.from === this.#from && kept.to === this.#to ? kept : undefined
    } catch {
      return undefined
    }
  }

  write(position: string, written: number): void {
    const kept: Kept = { from: this.#from, to: this.#to, position, written }
    mkdirSync(dirname(this.#path), { recursive: true })
    writeFileSync(`${this.#path}.new`, JSON.stringify(kept), { mode: 0o600 })
    renameSync(`${this.#path}.new`, this.#path)
  }

  remove(): void {
    rmSync(this.#path, { force: true })
  }
}
