// Measures one row in this process and prints its metrics: `node run-row.ts ROW-AS-JSON`.
import type { Metrics, Parameters, Row } from './row.ts'

interface Workload {
  readonly measure: (open: unknown, parameters: Parameters) => Promise<Metrics>
}

const { workload, contender, parameters } = JSON.parse(process.argv[2] ?? '{}') as Row
// A peer that logs must not get between the metrics and who reads them.
console.log = console.error
const { measure } = (await import(`./workloads/${workload}.ts`)) as Workload
const { open } = (await import(`./contenders/${workload}/${contender}.ts`)) as { readonly open: unknown }
const metrics = await measure(open, parameters)
process.stdout.write(`${JSON.stringify(metrics)}\n`, () => process.exit(0))
