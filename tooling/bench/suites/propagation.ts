import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TestServer } from '@cache/tooling-servers'
import { median, quantile, rounded } from '../statistics.ts'
import type { Failure, Suite } from '../suite.ts'
import { table } from '../table.ts'
import type { Place } from '../tiered/contender.ts'
import type { PropagationTask } from '../tiered/propagation-process.ts'

type Carrier = PropagationTask['carrier']

const carriers: readonly { readonly carrier: Carrier; readonly label: string }[] = [
  { carrier: 'redis', label: 'pub/sub of Redis' },
  { carrier: 'valkey', label: 'pub/sub of Valkey' },
  { carrier: 'zeromq', label: 'ZeroMQ over SQLite' },
]

const rounds = 3

export const propagationSuite: Suite = {
  name: 'propagation',
  summary:
    "from a change to the memory of another process: 'delete' begun until the copy is dropped (1 minute)",
  async run({ quick }) {
    const delays = new Map<Carrier, number[][]>()
    const failures: Failure[] = []
    for (let round = 0; round < (quick ? 1 : rounds); round++) {
      for (const { carrier } of carriers) {
        try {
          delays.set(carrier, [...(delays.get(carrier) ?? []), await measured(carrier, quick ? 200 : 1500)])
        } catch (error) {
          failures.push({ row: carrier, error: String(error) })
        }
      }
    }
    const at = (carrier: Carrier, share: number): number | undefined =>
      median((delays.get(carrier) ?? []).flatMap((round) => quantile(round, share) ?? []))
    const ms = (value: number | undefined): string => (value === undefined ? '–' : `${value.toFixed(2)} ms`)
    const block = table(
      [
        { title: 'from change to drop', cell: ({ label }) => label },
        { title: 'p50', cell: ({ carrier }) => ms(at(carrier, 0.5)) },
        { title: 'p99', cell: ({ carrier }) => ms(at(carrier, 0.99)) },
        {
          title: 'lost',
          cell: ({ carrier }) => String((delays.get(carrier) ?? []).flat().filter(Number.isNaN).length),
        },
      ],
      carriers,
    )
    const figures = Object.fromEntries(
      carriers.flatMap(({ carrier }) => [
        [`${carrier}_p50_ms`, rounded(at(carrier, 0.5))],
        [`${carrier}_p99_ms`, rounded(at(carrier, 0.99))],
      ]),
    )
    return { blocks: [block], figures, failures }
  },
}

async function measured(carrier: Carrier, changes: number): Promise<number[]> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-'))
  const server = carrier === 'zeromq' ? undefined : await TestServer.start({ kind: carrier })
  const place: Place = { redisUrl: server?.url ?? '', directory }
  const sides: ChildProcess[] = []
  try {
    const [reader, writer] = await Promise.all(
      (['reader', 'writer'] as const).map((role) => side({ role, carrier, place, changes }, sides)),
    )
    const begun = await reply(writer)
    const dropped = await reply(reader)
    // What did not arrive stays 0.
    return Array.from(dropped, (ms, change) => (ms > 0 ? ms - (begun[change] ?? 0) : Number.NaN))
  } finally {
    for (const child of sides) child.kill('SIGKILL')
    await server?.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

async function side(task: PropagationTask, sides: ChildProcess[]): Promise<ChildProcess> {
  const script = join(import.meta.dirname, '../tiered/propagation-process.ts')
  const child = fork(script, [JSON.stringify(task)], {
    serialization: 'advanced',
    execArgv: ['--no-warnings'],
  })
  sides.push(child)
  await Promise.race([once(child, 'message'), ended(child)])
  return child
}

async function reply(child: ChildProcess | undefined): Promise<Float64Array> {
  if (!child) throw new Error('A process of the run is missing')
  child.send('go on')
  const [times] = (await Promise.race([once(child, 'message'), ended(child)])) as unknown[]
  return times as Float64Array
}

async function ended(child: ChildProcess): Promise<never> {
  await once(child, 'exit')
  throw new Error('A process of the run ended before its work')
}
