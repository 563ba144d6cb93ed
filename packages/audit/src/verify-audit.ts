import { readFile } from 'node:fs/promises'
import { CacheError, refuseUnknown } from '@cache/core'
import { ChainKey, chainKeyBytes, isSameMac } from './chain.ts'
import { keyFileOf, readVerificationKey } from './chain-state.ts'
import { parseCheckpoint, signatureOf, type Checkpoint } from './checkpoint.ts'
import { ChainReader, mostEpochs, type AuditFault } from './chain-reader.ts'
import { closedFiles } from './log-file.ts'

export interface VerifyOptions {
  /** The file that is written, as in `auditLog`; rotated ones are found beside it. */
  readonly file: string
  /** The key that the chain began with. */
  readonly key?: Uint8Array | undefined
  /** The file that holds it. Default: the audit's file with `.key` behind it. */
  readonly keyFile?: string | undefined
  /** The file of checkpoints, or checkpoints from elsewhere: without them a cut at the end is not noticed. */
  readonly checkpoints?: string | readonly Checkpoint[] | undefined
}

/** What a verification found. */
export interface Verification {
  readonly ok: boolean
  /** Genuine records before the first fault. */
  readonly records: number
  /** The numbers of the first and the last of them; absent if there are none. */
  readonly firstSeq: number | undefined
  readonly lastSeq: number | undefined
  /** Checkpoints that were compared. */
  readonly checkpoints: number
  readonly fault: AuditFault | undefined
}

/**
 * Reads all files of an audit and reports the first record that was altered, is missing, or is out of its order, and
 * whether the end was cut off. Reads only.
 *
 * @throws CacheError `INVALID_OPTION`, `KEY_UNAVAILABLE`; the system's error when a file cannot be read
 */
export async function verifyAudit(options: VerifyOptions): Promise<Verification> {
  refuseUnknown(options, ['file', 'key', 'keyFile', 'checkpoints'], 'verifyAudit')
  const first = await firstKey(options)
  try {
    const checkpoints = await checkpointsOf(options.checkpoints)
    const { genuine, forged } = examined(first, checkpoints)
    const reader = new ChainReader(
      new ChainKey(0, first),
      new Map(genuine.map((point) => [point.seq, point])),
    )
    const fault = (await readFiles(reader, options.file)) ?? reader.end() ?? forged.map(forgedCheckpoint)[0]
    const { records, firstSeq, lastSeq } = reader
    return { ok: fault === undefined, records, firstSeq, lastSeq, checkpoints: genuine.length, fault }
  } finally {
    first.fill(0)
  }
}

async function firstKey({ key, keyFile, file }: VerifyOptions): Promise<Buffer> {
  if (key === undefined) return readVerificationKey(keyFile ?? keyFileOf(file))
  if (key.length === chainKeyBytes) return Buffer.from(key)
  throw new CacheError('INVALID_OPTION', `verifyAudit: key must have ${chainKeyBytes} bytes`)
}

async function readFiles(reader: ChainReader, file: string): Promise<AuditFault | undefined> {
  const closed = await closedFiles(file)
  for (const path of [...closed.map((one) => one.path), file]) {
    const text = await readFile(path, 'utf8')
    const fault = reader.read(path, text)
    if (fault) return fault
  }
  return undefined
}

/** A last line that is half written is none; another line that is no checkpoint is a forged one. */
async function checkpointsOf(given: VerifyOptions['checkpoints']): Promise<readonly Checkpoint[]> {
  if (typeof given !== 'string') return given ?? []
  const lines = (await readFile(given, 'utf8')).split('\n')
  lines.pop()
  const none = { seq: 0, epoch: 0, time: '', instance: '', mac: '', signature: '' }
  return lines.map((line) => parseCheckpoint(line) ?? none)
}

/** Tells checkpoints that the chain signed from others. */
function examined(
  first: Buffer,
  checkpoints: readonly Checkpoint[],
): { readonly genuine: readonly Checkpoint[]; readonly forged: readonly Checkpoint[] } {
  const key = new ChainKey(0, first)
  const genuine: Checkpoint[] = []
  const forged: Checkpoint[] = []
  for (const checkpoint of checkpoints.toSorted((one, other) => one.epoch - other.epoch)) {
    const isPossible = checkpoint.epoch <= mostEpochs
    if (isPossible) key.advanceTo(checkpoint.epoch)
    const isGenuine = isPossible && isSameMac(signatureOf(key, checkpoint), checkpoint.signature)
    ;(isGenuine ? genuine : forged).push(checkpoint)
  }
  return { genuine, forged }
}

function forgedCheckpoint({ seq }: Checkpoint): AuditFault {
  const message = `The checkpoint of record ${seq} was not made by this audit`
  return { kind: 'checkpoint', seq, file: undefined, line: undefined, message }
}
