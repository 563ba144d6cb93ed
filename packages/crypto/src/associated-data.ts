import type { ProtectionScope, SealedPlace } from '@cache/core'

const initialBytes = 8192

/**
 * What the envelopes of one cache are bound to, as bytes: a fixed text, the cache and the place in it as JSON, each
 * after its length in four bytes, and then the envelope's own header. JSON is unambiguous, so that no two places have
 * the same bytes. The bytes are overwritten by the next call, and hold no secret: keys are hashed by then.
 */
export class AssociatedData {
  readonly #scopeBytes: number
  #bytes = Buffer.alloc(initialBytes)

  constructor({ prefix, cache, version, mode }: ProtectionScope) {
    const text = JSON.stringify([prefix, cache, version, mode])
    const scope = Buffer.from(`cache-envelope-1\0${text}`)
    this.#bytes.set(scope, 4)
    this.#bytes.writeUInt32BE(scope.length)
    this.#scopeBytes = 4 + scope.length
  }

  /** Valid until the next call. */
  of(place: SealedPlace, envelope: Buffer, headerBytes: number): Buffer {
    const text = placeText(place)
    const placeAt = this.#scopeBytes + 4
    this.#reserve(placeAt + text.length * 3 + headerBytes)
    const placeBytes = this.#bytes.write(text, placeAt)
    this.#bytes.writeUInt32BE(placeBytes, this.#scopeBytes)
    const headerAt = placeAt + placeBytes
    envelope.copy(this.#bytes, headerAt, 0, headerBytes)
    return this.#bytes.subarray(0, headerAt + headerBytes)
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#bytes.length) return
    const larger = Buffer.alloc(bytes * 2)
    larger.set(this.#bytes.subarray(0, this.#scopeBytes))
    this.#bytes = larger
  }
}

/** Stores may keep tags in another order, and each once. */
function placeText({ key, format, revision, version, tags }: SealedPlace): string {
  const names = tags.length > 1 ? [...new Set(tags)].sort() : tags
  return `[${json(key)},${format},${json(revision)},${version ?? 'null'},[${names.map(json).join(',')}]]`
}

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const needsEscape = /["\\\u0000-\u001f\ud800-\udfff]/

/** As `JSON.stringify` writes a text, in less time for most. */
function json(text: string): string {
  return needsEscape.test(text) ? JSON.stringify(text) : `"${text}"`
}
