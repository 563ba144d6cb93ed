/** What a key may be used for. */
export type KeyState =
  /** Opens, and is about to seal: to be given to every process before it does. */
  | 'pending'
  /** Opens and seals; there is one. */
  | 'primary'
  /** Opens what it sealed while it was primary. */
  | 'decrypt-only'
  /** Kept, and not used until it is enabled again: its entries are misses. */
  | 'disabled'
  /** Its secret is gone for good; only its id is left. */
  | 'destroyed'

export const keyStates: readonly KeyState[] = ['pending', 'primary', 'decrypt-only', 'disabled', 'destroyed']

/** A key as an operator sees it. */
export interface KeyInfo {
  /** 16 hexadecimal digits. */
  readonly id: string
  readonly state: KeyState
  /** When it was made; empty where its source does not say. */
  readonly createdAt: string
}

/** A key with its secret of 32 bytes. */
export interface KeyRecord extends KeyInfo {
  /** Absent once destroyed. */
  readonly secret: Buffer | undefined
}

/** Everything that an installation keeps secret. */
export interface KeyMaterial {
  /** Random, of this installation; public. Keys for each purpose are derived with it. */
  readonly salt: Buffer
  /** What keys of entries are hashed with; it stays when keys are rotated, or entries could not be found. */
  readonly hashing: Buffer
  readonly keys: readonly KeyRecord[]
}

export const secretBytes = 32
