/** How a payload is to be read. Stored with each entry; a number is never given a new meaning. */
export const valueFormat = {
  /** No value: the loader found nothing. */
  negative: 0,
  /** The value itself, in stores of this process. */
  live: 1,
  /** JSON text. */
  json: 2,
  /** Text of the faithful codec. */
  faithful: 3,
  /** The bytes of a `Uint8Array`. */
  bytes: 4,
  /** The bytes of a `Buffer`. */
  buffer: 5,
  /** State of `caches.state`: the time it was written at, and what its step encoded. */
  state: 6,
} as const
