import { Redis } from 'ioredis'
import { keyOf, quoteOf } from '../../values.ts'

const pipelineSize = 500

/** The least that a server can be asked for the same entries: no tags, no versions, and no source to read. */
export async function open(entries: number, url: string): Promise<() => Promise<void>> {
  const client = new Redis(url)
  const texts = Array.from({ length: entries }, (_, index) => JSON.stringify(quoteOf(index)))
  return async () => {
    for (let from = 0; from < entries; from += pipelineSize) {
      const pipeline = client.pipeline()
      for (let index = from; index < Math.min(entries, from + pipelineSize); index++)
        pipeline.set(keyOf(index), texts[index] ?? '', 'PX', 3_600_000)
      await pipeline.exec()
    }
  }
}
