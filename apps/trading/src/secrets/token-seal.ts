import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

/** Encrypts short secrets, each bound to its place: what was sealed for one owner does not open for another. */
export class TokenSeal {
  readonly #key: Buffer

  constructor(key: Buffer) {
    this.#key = key
  }

  seal(secret: string, place: string): string {
    const nonce = randomBytes(nonceBytes)
    const cipher = createCipheriv(algorithm, this.#key, nonce).setAAD(Buffer.from(place))
    const sealed = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()])
    return sealed.toString('base64url')
  }

  /** `undefined` when it was sealed elsewhere, with another key, or altered. */
  open(sealed: string, place: string): string | undefined {
    const bytes = Buffer.from(sealed, 'base64url')
    if (bytes.length < nonceBytes + tagBytes) return undefined
    const decipher = createDecipheriv(algorithm, this.#key, bytes.subarray(0, nonceBytes))
    decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-tagBytes))
    try {
      const secret = decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, 'utf8')
      return secret + decipher.final('utf8')
    } catch {
      return undefined
    }
  }
}
