/** The middle value, or the mean of the two in the middle; `undefined` of nothing. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((left, right) => left - right)
  const upper = sorted[Math.floor(sorted.length / 2)]
  const lower = sorted[Math.floor((sorted.length - 1) / 2)]
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2
}

/** Each value over its partner of the same round; what has no partner is left out. */
export function pairedRatios(
  values: readonly (number | undefined)[],
  partners: readonly (number | undefined)[],
): number[] {
  return values.flatMap((value, round) => {
    const partner = partners[round]
    return value === undefined || partner === undefined ? [] : [value / partner]
  })
}

/** The value below which this share of the numbers lies; what is no number is left out. `undefined` of nothing. */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = values.filter((value) => !Number.isNaN(value)).toSorted((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
}

/** The number in four significant digits, for figures; `null` for what is missing. */
export function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Number(value.toPrecision(4))
}
