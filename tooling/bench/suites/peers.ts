import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { versionOf } from '../machine.ts'
import type { Outcome, Trial } from '../peers/trial.ts'
import { trials } from '../peers/trials.ts'
import type { Failure, Suite } from '../suite.ts'
import { table } from '../table.ts'

/** Nothing that a trial does takes longer, unless it hangs. */
const patienceMs = 60_000

interface Line {
  readonly trial: Trial
  readonly ours: Outcome
  readonly peer: string
  readonly theirs: string
}

/** What went wrong with others, tried again with them and with ours. It measures no time. */
export const peersSuite: Suite = {
  name: 'peers',
  summary: 'what goes wrong in other caches, shown with them and with ours (4 minutes)',
  async run() {
    const lines: Line[] = []
    const failures: Failure[] = []
    let wrong = 0
    let tried = 0
    for (const trial of trials) {
      const ours = await outcomeOf(trial, 'ours')
      if (!ours.ok) failures.push({ row: `${trial.id} ours`, error: ours.what })
      for (const name of Object.keys(trial.peers)) {
        const { ok, what } = await outcomeOf(trial, name)
        tried++
        if (!ok) wrong++
        lines.push({
          trial,
          ours,
          peer: `${name} ${versionOf(name)}`,
          theirs: `${ok ? 'right' : 'WRONG'}: ${what}`,
        })
      }
      if (trial.absent !== undefined) lines.push({ trial, ours, peer: '–', theirs: trial.absent })
    }
    const block = table<Line>(
      [
        { title: 'what should happen', cell: ({ trial }) => `${trial.id} ${trial.title}` },
        { title: 'ours', cell: ({ ours: { ok, what } }) => `${ok ? 'right' : 'WRONG'}: ${what}` },
        { title: 'beside', cell: ({ peer }) => peer },
        { title: 'does', cell: ({ theirs }) => theirs },
      ],
      lines,
    )
    const figures = {
      trials: trials.length,
      ours_wrong: failures.length,
      peers_tried: tried,
      peers_wrong: wrong,
    }
    return { blocks: [block], figures, failures }
  },
}

/** In a process of its own: some of them end it, or never answer. */
async function outcomeOf(trial: Trial, contender: string): Promise<Outcome> {
  const directory = await mkdtemp(join(tmpdir(), 'cache-peers-'))
  const script = join(import.meta.dirname, '../peers/run-trial.ts')
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--no-warnings', script, trial.id, contender, directory],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      // What its servers leave behind is removed with it.
      env: { ...process.env, TMPDIR: directory },
    },
  )
  let [output, errors] = ['', '']
  child.stdout.on('data', (bytes: Buffer) => (output += String(bytes)))
  child.stderr.on('data', (bytes: Buffer) => (errors = (errors + String(bytes)).slice(-4000)))
  const timer = setTimeout(() => child.kill('SIGTERM'), patienceMs)
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  clearTimeout(timer)
  await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  const line = output.trim().split('\n').at(-1) ?? ''
  if (code === 0 && line.startsWith('{')) return JSON.parse(line) as Outcome
  if (signal !== null) return { ok: false, what: 'never ends' }
  return { ok: false, what: `the process ends: ${reason(errors)}` }
}

function reason(errors: string): string {
  const line = errors.split('\n').find((each) => /Error/.test(each)) ?? errors.trim().split('\n').at(-1) ?? ''
  return line.trim().slice(0, 90)
}
