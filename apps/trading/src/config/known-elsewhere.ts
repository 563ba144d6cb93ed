/**
 * Settings that the design documents name and that this version does not have. Silence would be a lie: whoever sets
 * one expects something of it.
 */
const laterSettings: readonly RegExp[] = [
  /^REDIS_/,
  /^VALKEY_/,
  /^SESSION_(TYPE|REDIS_URL)$/,
  /^CACHE_(ENCRYPT|AUDIT|AUTO_CONFIGURE|STATS|METRICS)/,
  /^MULTI_INSTANCE_MODE$/,
  /^(AUTH|SYMBOL|BROKER|STRATEGY)_CACHE_TTL$/,
  /^SQLITE_WAL_MODE$/,
  /^DATABASE_URL$/,
]

export function isLaterSetting(name: string): boolean {
  return laterSettings.some((pattern) => pattern.test(name))
}

/** The known name that differs least from a misspelt one, if any is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const ranked = known.map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
  const best = ranked.sort((a, b) => a.distance - b.distance)[0]
  return best !== undefined && best.distance <= Math.max(2, name.length / 4) ? best.candidate : undefined
}

function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
