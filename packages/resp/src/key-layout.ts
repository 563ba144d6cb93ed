/** CRC16 as clusters use it: CCITT, polynomial 0x1021, initial 0. */
const crcTable = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021
  return crc
})

const slotCount = 16_384

/** The slot of a key: of what stands in its first pair of braces, where that is not empty, else of all of it. */
export function slotOf(key: string): number {
  let crc = 0
  for (const byte of Buffer.from(hashTagOf(key)))
    crc = ((crc << 8) ^ (crcTable[((crc >> 8) ^ byte) & 0xff] ?? 0)) & 0xffff
  return crc % slotCount
}

function hashTagOf(key: string): string {
  const start = key.indexOf('{')
  const end = key.indexOf('}', start + 1)
  return start === -1 || end <= start + 1 ? key : key.slice(start + 1, end)
}

/** The keys of one partition of a cache; all of them lie in one slot. */
export class KeyLayout {
  readonly slot: number
  readonly state: string
  /** The channel on which its changes are published. */
  readonly channel: string
  /** What every key of the namespace begins with. */
  readonly base: string
  readonly #states: string

  /** `partition` is absent where the cache has only one. */
  constructor(prefix: string, cache: string, partition?: number) {
    const tag = partition === undefined ? `${prefix}:${cache}` : `${prefix}:${cache}#${partition}`
    this.base = `{${tag}}:`
    this.#states = `${prefix}:${cache}:s`
    this.slot = slotOf(this.base)
    this.state = `${this.base}state`
    this.channel = `${this.base}changes`
  }

  /** What the keys of the entries of a schema version begin with. */
  entries(version: number): string {
    return `${this.base}v${version}:`
  }

  /** Matches the entries of all schema versions. */
  get pattern(): string {
    return `${literalPattern(this.base)}v*`
  }

  /** The state of a step. Each is on its own, so that they spread over a cluster. */
  stepState(version: number, key: string): string {
    return `${this.#states}${version}:${key}`
  }
}

/** What every key of the caches of a prefix begins with, other than states of steps and the hash of all caches. */
export function cacheKeysOf(prefix: string): string {
  return `{${prefix}:`
}

/** The cache and the key of an entry, whatever its schema version and partition; `undefined` for any other key. */
export function parseEntryKey(
  prefix: string,
  name: string,
): { readonly cache: string; readonly key: string } | undefined {
  const begin = cacheKeysOf(prefix)
  if (!name.startsWith(begin)) return undefined
  const [, cache, key] = /^([^}#]+)(?:#\d+)?\}:v\d+:(.*)$/s.exec(name.slice(begin.length)) ?? []
  return cache === undefined || key === undefined ? undefined : { cache, key }
}

/** The hash of all caches: their names, and how many partitions each has. */
export function registryKey(prefix: string): string {
  return `${prefix}:caches`
}

/** The text as a pattern that only it matches. */
export function literalPattern(text: string): string {
  return text.replaceAll(/[*?[\]\\^-]/g, String.raw`\$&`)
}
