/** Something that was admitted. */
export interface Admitted {
  readonly atUs: number
  readonly cost: number
}

/** The most that any window of this length holds, its start within and its end not. */
export function mostInWindow(admitted: readonly Admitted[], windowUs: number): number {
  const sorted = [...admitted].sort((one, other) => one.atUs - other.atUs)
  let most = 0
  let sum = 0
  let first = 0
  for (const { atUs, cost } of sorted) {
    sum += cost
    for (let oldest = sorted[first]; oldest && oldest.atUs <= atUs - windowUs; oldest = sorted[++first])
      sum -= oldest.cost
    most = Math.max(most, sum)
  }
  return most
}
