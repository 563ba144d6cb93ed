/**
 * Gives every reader of foreign bytes input that nobody would write:
 *
 *     pnpm fuzz --seconds 60 [--target NAME] [--seed 1] [--rounds N] [--json]
 *
 * Exits with 1 at the first finding, and says how to have it again.
 */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { fuzzOnce, type Target } from '../src/target.ts'
import { targets } from '../src/targets.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    target: { type: 'string' },
    seed: { type: 'string' },
    rounds: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const names = values.target === undefined ? Object.keys(targets) : [values.target]
const firstSeed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed)
const eachMs = (Number(values.seconds) * 1000) / names.length
const figures: Record<string, number> = {}
for (const name of names) {
  const make = targets[name]
  if (make === undefined) throw new Error(`There is no target '${name}': ${Object.keys(targets).join(', ')}`)
  figures[name] = await fuzz(await make())
  if (!values.json) console.log(`${name}: ${figures[name]} inputs, no finding`)
}
if (values.json) console.log(JSON.stringify({ suite: 'fuzz', seed: firstSeed, figures }))
process.exit()

/** How many inputs it was given. */
async function fuzz(target: Target): Promise<number> {
  const until = performance.now() + eachMs
  const most = values.rounds === undefined ? Number.POSITIVE_INFINITY : Number(values.rounds)
  let round = 0
  while (round < most && performance.now() < until) {
    await fuzzOnce(target, firstSeed + round)
    round++
  }
  return round
}
