/** Where a cache is kept: `cache_market.quote.db` for `market:quote`. Other characters than those of names are escaped. */
export function fileNameOf(cache: string): string {
  return `cache_${cache.replaceAll(/[^\w:-]/gu, escaped).replaceAll(':', '.')}.db`
}

/** The cache that a file of this name holds; `undefined` for files that hold none. */
export function cacheNameOf(fileName: string): string | undefined {
  const name = /^cache_(.+)\.db$/.exec(fileName)?.[1]
  return name === undefined || !/^[\w.%-]+$/.test(name) ? undefined : unescaped(name)
}

/** `undefined` where the escapes are none of ours. */
function unescaped(name: string): string | undefined {
  try {
    return decodeURIComponent(name.replaceAll('.', ':'))
  } catch {
    return undefined
  }
}

function escaped(character: string): string {
  const bytes = [...Buffer.from(character)]
  return bytes.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
}
