import { readMessage, messageText } from '../../../packages/invalidation/src/wire/message-text.ts'
import { parseLine } from '../../../packages/audit/src/record.ts'
import { parseChangeMessage } from '../../../packages/resp/src/change-log.ts'
import { mutatedBytes, mutatedText, randomBytesOf } from './inputs.ts'
import { entryOf, entryToSend, isEntry, standingOf } from '../../../packages/resp/src/entry-bytes.ts'
import { StateReader } from '../../../packages/resp/src/namespace-state.ts'
import { expectTrue, type Target } from './target.ts'

const message = messageText({
  cache: 'quotes',
  epoch: 'epoch-1',
  invalidation: { kind: 'keys', first: 4, sequence: 6, keys: ['a', 'b', 'c'] },
})

/** Whoever can write to the channel of a transport can send anything. */
export const transportMessages: Target = {
  name: 'transport messages',
  run: (random) => {
    const read = readMessage(mutatedText(message, random))
    if (read)
      expectTrue(readMessage(messageText(read)) !== undefined, 'a message that was read cannot be sent')
  },
}

const change = '{"e":"epoch","s":6,"n":2,"k":["a","b"]}'

/** Records of the log of a server, and its messages. */
export const serverMessages: Target = {
  name: 'server messages',
  run: (random) => {
    const read = parseChangeMessage(mutatedText(change, random))
    if (read) expectTrue(['keys', 'tags', 'clear'].includes(read.invalidation.kind), 'a change of no kind')
  },
}

const record =
  '{"seq":1,"epoch":0,"time":"2026-01-01T00:00:00.000Z","operation":"set","outcome":"done","instance":"i","mac":"abc"}'

/** Lines of an audit's file. */
export const auditLines: Target = {
  name: 'audit lines',
  run: (random) => {
    parseLine(mutatedText(record, random))
  },
}

const stateText = 'AAAAAAAAAAAA run-1 17 3 2 0 ,1,'
const state = new StateReader().read(Buffer.from(stateText))

/** Values of a server's keys, which others may have written. */
export const serverValues: Target = {
  name: 'server values',
  run: (random) => {
    new StateReader().read(mutatedBytes(Buffer.from(stateText), random))
    const made =
      [mutatedBytes(storedEntry, random), randomBytesOf(random, 200)][random.below(2)] ?? storedEntry
    isEntry(made)
    if (state === undefined) throw new Error('the state is not read')
    if (standingOf(made, state, 1) === 'valid') entryOf(made, 1)
  },
}

/** An entry as the server's script packs it: a head of its own before what a client sends. */
const storedEntry = packedEntry()

function packedEntry(): Buffer {
  const sent = entryToSend({
    payload: 'payload',
    format: 2,
    sizeBytes: 7,
    freshForMs: 1000,
    keptForMs: 1000,
    ageMs: 0,
    loadMs: 0,
    revision: 'r.1',
    version: 7,
    tags: [],
  })
  const body = sent.subarray(24)
  const head = Buffer.alloc(49)
  head[0] = 0xca
  head.write('AAAAAAAAAAAA', 1, 'latin1')
  for (const [index, number] of [17, 0, 2000, 2000].entries()) head.writeDoubleBE(number, 13 + 8 * index)
  head.writeUInt32BE(49 + body.length - 7, 45)
  return Buffer.concat([head, body])
}
