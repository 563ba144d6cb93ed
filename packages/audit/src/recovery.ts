import { readFile } from 'node:fs/promises'
import { isSameMac, type ChainKey, type ChainPosition } from './chain.ts'
import { parseLine } from './record.ts'

/** Where the records on the disk end, as far as they are genuine. */
export interface Recovered {
  readonly position: ChainPosition
  /** Bytes of whole lines; what follows was half written. */
  readonly wholeBytes: number
  readonly sizeBytes: number
  /** The first record of the file, if it has any. */
  readonly firstSeq: number | undefined
  readonly day: string
  /** Records that the state knows of are missing. */
  readonly isCut: boolean
  /** Whole lines that are no part of the chain. */
  readonly foreign: number
}

/**
 * Looks for records that were written after the state was: a crash came between the two. The key is advanced to that of
 * the last of them.
 */
export async function recover(
  file: string,
  key: ChainKey,
  { position: from, wasRotated }: { readonly position: ChainPosition; readonly wasRotated: boolean },
): Promise<Recovered> {
  const bytes = await readFile(file).catch(() => Buffer.alloc(0))
  const wholeBytes = bytes.lastIndexOf(0x0a) + 1
  const lines = bytes.toString('utf8', 0, wholeBytes).split('\n').slice(0, -1)
  const first = parseLine(lines[0] ?? '')?.record
  let position = from
  let foreign = 0
  // A file that was just begun is empty.
  let latestSeq = lines.length === 0 && wasRotated ? from.seq : 0
  for (const line of lines) {
    const parsed = parseLine(line)
    if (parsed) latestSeq = Math.max(latestSeq, parsed.record.seq)
    if (parsed?.record.operation === 'open') continue
    if (parsed && parsed.record.seq <= from.seq) continue
    const next = parsed && follows(parsed, key, position)
    if (next) position = next
    else foreign++
  }
  const day = first?.time.slice(0, 10) ?? ''
  return {
    position,
    wholeBytes,
    sizeBytes: bytes.length,
    firstSeq: first && first.seq + 1,
    day,
    foreign,
    isCut: latestSeq < from.seq,
  }
}

/** Epochs that a crash can lie between the state and the records. */
const mostEpochs = 100_000

function follows(
  { record, body }: NonNullable<ReturnType<typeof parseLine>>,
  key: ChainKey,
  { seq, mac }: ChainPosition,
): ChainPosition | undefined {
  if (record.seq !== seq + 1 || record.epoch < key.epoch || record.epoch > key.epoch + mostEpochs)
    return undefined
  key.advanceTo(record.epoch)
  return isSameMac(key.mac(mac, body), record.mac) ? { seq: record.seq, mac: record.mac } : undefined
}
