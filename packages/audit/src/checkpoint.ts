import { appendFile, open } from 'node:fs/promises'
import type { ChainKey, ChainPosition } from './chain.ts'

/** Where the audit was at a moment, signed with the chain's key of that moment. */
export interface Checkpoint {
  readonly seq: number
  readonly epoch: number
  readonly time: string
  readonly instance: string
  /** The MAC of the record with this number. */
  readonly mac: string
  readonly signature: string
}

type Unsigned = Omit<Checkpoint, 'signature'>

export function signCheckpoint(
  key: ChainKey,
  { seq, mac }: ChainPosition,
  at: Pick<Checkpoint, 'time' | 'instance'>,
): Checkpoint {
  const unsigned = { seq, epoch: key.epoch, time: at.time, instance: at.instance, mac }
  return { ...unsigned, signature: signatureOf(key, unsigned) }
}

/** Made by the key of the checkpoint's epoch, which the caller has advanced to. */
export function signatureOf(key: ChainKey, { seq, epoch, time, instance, mac }: Unsigned): string {
  return key.mac('checkpoint', JSON.stringify([seq, epoch, time, instance, mac]))
}

/** Appends to a file, on the disk when this resolves. */
export async function appendCheckpoint(file: string, checkpoint: Checkpoint): Promise<void> {
  await appendFile(file, `${JSON.stringify(checkpoint)}\n`, { mode: 0o600 })
  const handle = await open(file, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** `undefined` for what is no checkpoint. */
export function parseCheckpoint(line: string): Checkpoint | undefined {
  try {
    const value = JSON.parse(line) as Checkpoint
    const isWhole = Number.isSafeInteger(value.seq) && Number.isSafeInteger(value.epoch) && value.epoch >= 0
    return isWhole && typeof value.mac === 'string' && typeof value.signature === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
