/**
 * Measures the index beside plain JavaScript on one master:
 *
 *     node packages/symbol-index/bench/symbols.bench.ts [--data FILE] [--quick] [--json]
 *
 * Every contender runs in processes of its own, in turn, several times; figures are medians. Without a file
 * the invented market of 142,338 instruments is used. The last line is JSON when `--json` is given.
 */
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { importMaster, saveSnapshot, syntheticMaster } from '../src/index.ts'
import type { Measured, Task } from './contender.ts'
import { median } from './measure.ts'

/** Contenders, and in how many processes each is measured. */
const PROCESSES: Readonly<Record<string, number>> = {
  'index-lookups': 3,
  'nested-maps': 3,
  'concatenated-keys': 3,
  'index-search': 3,
  'snapshot-load': 5,
  'master-import': 3,
  'index-memory': 1,
  'plain-memory': 1,
  'search-equality': 1,
}
const CHILD = join(import.meta.dirname, 'run-contender.ts')

const { values } = parseArgs({
  options: { data: { type: 'string' }, quick: { type: 'boolean' }, json: { type: 'boolean' } },
})
const directory = await mkdtemp(join(tmpdir(), 'symbols-bench-'))
try {
  const task = {
    snapshot: join(directory, 'symbols.snapshot'),
    data: values.data ?? '',
    quick: values.quick ?? false,
  }
  const { set } = await importMaster(values.data ?? syntheticMaster())
  await saveSnapshot(set, task.snapshot)
  const figures = withRatios(measureAll(task))
  process.stdout.write(table(figures))
  if (values.json === true) process.stdout.write(`${JSON.stringify({ suite: 'symbols', figures })}\n`)
} finally {
  await rm(directory, { recursive: true })
}

/** Round by round, so that a busy minute of the machine falls on all contenders alike. */
function measureAll(task: Task): Record<string, number> {
  const samples = new Map<string, number[]>()
  const rounds = task.quick ? 1 : Math.max(...Object.values(PROCESSES))
  for (let round = 0; round < rounds; round++) {
    for (const [name, processes] of Object.entries(PROCESSES)) {
      if (round >= processes) continue
      for (const [figure, value] of Object.entries(measure(name, task))) {
        samples.set(figure, [...(samples.get(figure) ?? []), value])
      }
    }
  }
  return Object.fromEntries([...samples].map(([figure, list]) => [figure, median(list)]))
}

function measure(name: string, task: Task): Measured {
  const output = execFileSync(process.execPath, ['--expose-gc', CHILD, name, JSON.stringify(task)], {
    encoding: 'utf8',
  })
  return JSON.parse(output) as Measured
}

function withRatios(figures: Record<string, number>): Record<string, number> {
  const {
    lookups_per_s: index = NaN,
    nested_map_per_s: nested = NaN,
    concat_key_map_per_s: concat = NaN,
  } = figures
  return { ...figures, lookup_vs_nested_map: index / nested, lookup_vs_concat_key_map: index / concat }
}

function table(figures: Readonly<Record<string, number>>): string {
  return Object.entries(figures)
    .map(
      ([name, value]) =>
        `${name.padEnd(32)} ${value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(4)}\n`,
    )
    .join('')
}
