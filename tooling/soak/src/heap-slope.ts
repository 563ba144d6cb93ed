/** The heap after a number of rounds, with nothing left to collect. */
export interface HeapSample {
  readonly round: number
  readonly bytes: number
}

/**
 * Bytes that each round leaves behind: the median of the slopes between all pairs of samples (Theil and Sen), which a
 * few outliers do not move.
 */
export function heapSlope(samples: readonly HeapSample[]): number {
  const slopes = samples.flatMap((one, index) =>
    samples.slice(index + 1).map((other) => (other.bytes - one.bytes) / (other.round - one.round)),
  )
  slopes.sort((one, other) => one - other)
  return slopes[Math.floor(slopes.length / 2)] ?? 0
}
