/** Collects garbage until nothing more goes away; the process runs with `--expose-gc`. */
export function settle(): void {
  for (let round = 0; round < 4; round++) globalThis.gc?.()
}

/** Bytes on the JavaScript heap and in its array buffers. */
export function heapBytes(): number {
  settle()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

/** Processor time of this thread: what other programs of the machine take is not in it. */
export function processorMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** Median of operations in a second of processor time, over rounds, after as many rounds to warm up as are measured. */
export function throughput(rounds: number, operations: number, work: () => void): number {
  const rates: number[] = []
  for (let round = 0; round < rounds * 2; round++) {
    const startMs = processorMs()
    work()
    rates.push((operations / (processorMs() - startMs)) * 1000)
  }
  return median(rates.slice(rounds))
}
