import { randomBytes } from 'node:crypto'

import type { ValuePlace, ValueSeal } from '@cache/crypto'

import type { KeyedHash } from '../secrets/installation-key.ts'

const idBytes = 24

export interface NewWebhook {
  readonly webhookId: string
  readonly webhook_hash: string
  readonly sealed_webhook: string
}

/** Ids of webhooks: found by their keyed hash, shown from their ciphertext, never kept in the clear. */
export class WebhookSecrets {
  readonly #hash: KeyedHash
  readonly #seal: ValueSeal
  readonly #kind: string

  constructor(kind: string, hash: KeyedHash, seal: ValueSeal) {
    this.#kind = kind
    this.#hash = hash
    this.#seal = seal
  }

  create(userId: number): NewWebhook {
    const webhookId = randomBytes(idBytes).toString('base64url')
    return {
      webhookId,
      webhook_hash: this.hash(webhookId),
      sealed_webhook: this.#seal.seal(webhookId, this.#place(userId)),
    }
  }

  hash(webhookId: string): string {
    return this.#hash(`${this.#kind}/${webhookId}`)
  }

  /** Empty when it was sealed with another key. */
  open(sealed: string, userId: number): string {
    return this.#seal.open(sealed, this.#place(userId)) ?? ''
  }

  #place(userId: number): ValuePlace {
    return [this.#kind, 'sealed_webhook', userId]
  }
}
