import type { AuditEvent } from '@cache/core'
import { KeyHasher } from '@cache/crypto'
import type { ChainKey, ChainPosition } from './chain.ts'
import { withMac, type AuditOperation, type AuditRecord } from './record.ts'

/** What a record of a call, or of an entry that did not open, says. */
export type RecordedCall = Omit<AuditEvent, 'operation'> & { readonly operation: AuditOperation }

/** What a record of the audit itself says. */
export type OwnFacts = Pick<AuditRecord, 'prev' | 'first' | 'last' | 'count'>

/** Makes the lines of a chain, each with the MAC of the one before in its own. */
export class RecordWriter {
  readonly #key: ChainKey
  readonly #hasher: KeyHasher
  readonly #ending: string
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

  /** A line that is not on the disk yet, at the present place in the chain. */
  again(line: string): string {
    const { seq } = this.#position
    const body = line.slice(0, line.lastIndexOf(',"mac":'))
    return this.#line(
      body.replace(/^\{"seq":\d+,"epoch":\d+/, `{"seq":${seq + 1},"epoch":${this.#key.epoch}`),
    )
  }

  wipe(): void {
    this.#hasher.wipe()
  }

  #head(wallMs: number): string {
    if (wallMs !== this.#timeMs) {
      this.#timeMs = wallMs
      this.#time = new Date(wallMs).toISOString()
    }
    return `{"seq":${this.#position.seq + 1},"epoch":${this.#key.epoch},"time":"${this.#time}"`
  }

  #hashed(cache: string, key: string): string {
    return this.#hasher.hash(`${cache}\n${key}`)
  }

  #line(body: string): string {
    const mac = this.#key.mac(this.#position.mac, body)
    this.#position = { seq: this.#position.seq + 1, mac }
    return withMac(body, mac)
  }
}
