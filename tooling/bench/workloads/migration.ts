import type { Metrics, Parameters } from '../row.ts'

/** Prepares entries, and returns what writes them to a server. */
export type OpenMigration = (entries: number, url: string) => Promise<() => Promise<void>>

/** Rates by the clock, because a server works beside, and by the processor time of this process. */
export async function measure(open: OpenMigration, parameters: Parameters): Promise<Metrics> {
  const entries = Number(parameters['entries'])
  const migrate = await open(entries, String(parameters['url']))
  const usedBefore = process.cpuUsage()
  const startedMs = performance.now()
  await migrate()
  const tookMs = performance.now() - startedMs
  const used = process.cpuUsage(usedBefore)
  const processorMs = (used.user + used.system) / 1000
  return { perSecond: (entries / tookMs) * 1000, perProcessorSecond: (entries / processorMs) * 1000 }
}
