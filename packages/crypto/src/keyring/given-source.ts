import { CacheError } from '@cache/core'
import { derivedKeyId } from './derive.ts'
import { secretBytes, type KeyMaterial } from './key-material.ts'
import type { KeySource } from './key-source.ts'

/** Keys that the caller keeps, in a key management service for one. */
export interface GivenKeys {
  /** 32 random bytes each, the primary one first; the others only open. */
  readonly keys: readonly Uint8Array[]
  /**
   * 32 bytes that the keys of entries are hashed with. Default: the only key. Needed with several keys, because it must
   * stay the same when keys are rotated: give what was the only key before.
   */
  readonly hashing?: Uint8Array | undefined
}

/** Keys that a function gives; it is asked at the start, and again from time to time. */
export class FunctionSource implements KeySource {
  readonly description = "the caller's function of keys"
  readonly #give: () => Promise<GivenKeys | Uint8Array> | GivenKeys | Uint8Array

  constructor(give: () => Promise<GivenKeys | Uint8Array> | GivenKeys | Uint8Array) {
    this.#give = give
  }

  async load(): Promise<KeyMaterial> {
    const given = await this.#ask()
    return materialOf(given instanceof Uint8Array ? { keys: [given] } : given, this.description)
  }

  async #ask(): Promise<GivenKeys | Uint8Array> {
    try {
      return await this.#give()
    } catch (cause) {
      throw new CacheError('KEY_UNAVAILABLE', 'The function that gives the keys failed', { cause })
    }
  }
}

/**
 * Keys in an environment variable: one in base64, or several, `key=…;key=…;hashing=…`, the primary one first. The
 * environment of a process can be seen by others more easily than a file, and is inherited by its children, so a
 * warning is given.
 */
export class VariableSource implements KeySource {
  readonly description: string
  readonly #name: string
  #warned = false

  constructor(name: string) {
    this.#name = name
    this.description = `the environment variable ${name}`
  }

  async load(report: (message: string) => void): Promise<KeyMaterial> {
    const text = process.env[this.#name]
    if (text === undefined || text === '')
      throw new CacheError(
        'KEY_UNAVAILABLE',
        `${this.description} is not set; give it 32 random bytes in base64`,
      )
    if (!this.#warned)
      report(
        `the key comes from ${this.description}, which child processes and diagnostic tools can see; prefer keyFile`,
      )
    this.#warned = true
    return materialOf(this.#parsed(text), this.description)
  }

  #parsed(text: string): GivenKeys {
    const keys: Uint8Array[] = []
    let hashing: Uint8Array | undefined
    for (const part of text.split(';')) {
      const [, name = 'key', value = ''] =
        /^(?:(key|hashing)=)?([A-Za-z0-9+/_-]+={0,2})$/.exec(part.trim()) ?? []
      const bytes = Buffer.from(value, 'base64')
      if (name === 'hashing') hashing = bytes
      else keys.push(bytes)
    }
    return { keys, hashing }
  }
}

/** Copies, so that the caller's bytes are not overwritten. */
function materialOf({ keys, hashing }: GivenKeys, description: string): KeyMaterial {
  const [first] = keys
  if (!first || ![...keys, hashing ?? first].every(isSecret))
    throw new CacheError('KEY_UNAVAILABLE', `${description} must give keys of ${secretBytes} bytes each`)
  if (keys.length > 1 && !hashing)
    throw new CacheError(
      'KEY_UNAVAILABLE',
      `${description} gives several keys and must give 'hashing' too: what was the only key before, so that entries are still found`,
    )
  return {
    salt: Buffer.alloc(0),
    hashing: Buffer.from(hashing ?? first),
    keys: keys.map((secret, index) => ({
      id: derivedKeyId(secret),
      state: index === 0 ? 'primary' : 'decrypt-only',
      createdAt: '',
      secret: Buffer.from(secret),
    })),
  }
}

function isSecret(bytes: unknown): boolean {
  return bytes instanceof Uint8Array && bytes.length === secretBytes
}
