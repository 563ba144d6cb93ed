import type { AuditEvent } from '@cache/core'
import { KeyHasher } from '@cache/crypto'
import type { ChainKey, ChainPosition } from './chain.ts'
import { withMac, type AuditOperation, type AuditRecord } from './record.ts'

/** What a record of a call, or of an entry that did not open, says. */
export type RecordedCall = Omit<AuditEvent, 'operation'> & { readonly operation: AuditOperation }

/** What a record of the audit itself says. */
export type OwnFacts = Pick<AuditRecord, 'first' | 'last' | 'count'>

const rememberedHashes = 4096

/** Makes the lines of a chain, each with the MAC of the one before in its own. */
export class RecordWriter {
  readonly #key: ChainKey
  readonly #hasher: KeyHasher
  readonly #ending: string
  readonly #hashes = new Map<string, string>()
  #position: ChainPosition
  #timeMs = Number.NaN
  #time = ''

  /** `hashing` is not kept. */
  constructor(
    key: ChainKey,
    hashing: Uint8Array,
    from: { readonly position: ChainPosition; readonly instance: string },
  ) {
    this.#key = key
    this.#hasher = new KeyHasher(hashing)
    this.#position = from.position
    this.#ending = `,"instance":${JSON.stringify(from.instance)}`
  }

  get position(): ChainPosition {
    return this.#position
  }

  /** Goes back to where the chain stood before lines that were given up. */
  rewind(position: ChainPosition): void {
    this.#position = position
  }

  call(event: RecordedCall, wallMs: number): string {
    const { cache, operation, key, caller, hit, outcome, code } = event
    let body = `${this.#head(wallMs)},"cache":${JSON.stringify(cache)},"operation":"${operation}"`
    if (key !== undefined) body += `,"key":"${event.hashed ? key : this.#hashed(cache, key)}"`
    if (caller !== undefined) body += `,"caller":${JSON.stringify(caller)}`
    if (hit !== undefined) body += `,"hit":${hit}`
    body += `,"outcome":"${outcome}"`
    if (code !== undefined) body += `,"code":${JSON.stringify(code)}`
    return this.#line(body + this.#ending)
  }

  own(operation: AuditOperation, facts: OwnFacts, wallMs: number): string {
    const rest = JSON.stringify(facts).slice(1, -1)
    const body = `${this.#head(wallMs)},"operation":"${operation}","outcome":"done"${this.#ending}`
    return this.#line(rest === '' ? body : `${body},${rest}`)
  }

  /**
   * The first line of a file, which says where the chain stood before the records that follow. It is no link of the
   * chain: it has the number of the record before it, and the next record follows that one.
   */
  header(before: ChainPosition, wallMs: number): string {
    const head = `{"seq":${before.seq},"epoch":${this.#key.epoch},"time":"${this.#timeOf(wallMs)}"`
    const body = `${head},"operation":"open","outcome":"done"${this.#ending},"prev":"${before.mac}"`
    return withMac(body, this.#key.mac(before.mac, body))
  }

  wipe(): void {
    this.#hashes.clear()
    this.#hasher.wipe()
  }

  #head(wallMs: number): string {
    return `{"seq":${this.#position.seq + 1},"epoch":${this.#key.epoch},"time":"${this.#timeOf(wallMs)}"`
  }

  #timeOf(wallMs: number): string {
    if (wallMs !== this.#timeMs) {
      this.#timeMs = wallMs
      this.#time = new Date(wallMs).toISOString()
    }
    return this.#time
  }

  /** Remembered for some keys: these are no secrets, or the cache would have hashed them. */
  #hashed(cache: string, key: string): string {
    const text = `${cache}\n${key}`
    const known = this.#hashes.get(text)
    if (known !== undefined) return known
    if (this.#hashes.size >= rememberedHashes) this.#hashes.clear()
    const hash = this.#hasher.hash(text)
    this.#hashes.set(text, hash)
    return hash
  }

  #line(body: string): string {
    const mac = this.#key.mac(this.#position.mac, body)
    this.#position = { seq: this.#position.seq + 1, mac }
    return withMac(body, mac)
  }
}
