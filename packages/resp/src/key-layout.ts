/** CRC16 as clusters use it: CCITT, polynomial 0x1021, initial 0. */
const crcTable = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021
  return crc
})

const slotCount = 16_384

/** The slot of a hash tag. */
export function slotOf(hashTag: string): number {
  let crc = 0
  for (const byte of Buffer.from(hashTag))
    crc = ((crc << 8) ^ (crcTable[((crc >> 8) ^ byte) & 0xff] ?? 0)) & 0xffff
  return crc % slotCount
}

/** The keys of one partition of a cache; all of them lie in one slot. */
export class KeyLayout {
  readonly slot: number
  readonly state: string
  /** The channel on which its changes are published. */
  readonly channel: string
  readonly #base: string

  /** `partition` is absent where the cache has only one. */
  constructor(prefix: string, cache: string, partition?: number) {
    const tag = partition === undefined ? `${prefix}:${cache}` : `${prefix}:${cache}#${partition}`
    this.#base = `{${tag}}:`
    this.slot = slotOf(tag)
    this.state = `${this.#base}state`
    this.channel = `${this.#base}changes`
  }

  /** What the keys of the entries of a schema version begin with. */
  entries(version: number): string {
    return `${this.#base}v${version}:`
  }
}

/** Where the names of all caches are. */
export function registryKey(prefix: string): string {
  return `${prefix}:caches`
}

/** The text as a pattern that only it matches. */
export function literalPattern(text: string): string {
  return text.replaceAll(/[*?[\]\\^-]/g, String.raw`\$&`)
}
