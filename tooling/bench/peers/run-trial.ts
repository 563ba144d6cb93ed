// Runs one contender of one trial in this process and prints its outcome: `node run-trial.ts ID CONTENDER DIRECTORY`.
import { TestServer } from '@cache/tooling-servers'
import { trials } from './trials.ts'

const [id = '', contender = '', directory = ''] = process.argv.slice(2)
// A peer that logs must not get between the outcome and who reads it.
console.log = console.error
const trial = trials.find((each) => each.id === id)
const run = contender === 'ours' ? trial?.ours : trial?.peers[contender]
if (!run) throw new RangeError(`There is no contender '${contender}' in trial '${id}'`)
let starting: Promise<TestServer> | undefined
const server = (): Promise<TestServer> => (starting ??= TestServer.start({ kind: 'redis' }))
const outcome = await run({ directory, server })
// The server ends with this process: to stop it first would be one more trial for clients that have no error handler.
process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0))
