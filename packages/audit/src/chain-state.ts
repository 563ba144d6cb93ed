import { randomBytes } from 'node:crypto'
import { CacheError } from '@cache/core'
import { createSecureFile, readSecureFile, replaceSecureFile } from '@cache/crypto'
import { chainKeyBytes, chainStart, type ChainPosition } from './chain.ts'

/** What the writer of a chain needs to go on with it, and no more: not the key that it began with. */
export interface ChainState {
  readonly epoch: number
  /** The key of the epoch. */
  readonly key: Buffer
  /** What keys of entries are hashed with in the records. */
  readonly hashing: Buffer
  readonly position: ChainPosition
}

/** The file with the key that a chain began with, for the verifier: it is to be moved away from the machine. */
export function keyFileOf(file: string): string {
  return `${file}.key`
}

export function stateFileOf(file: string): string {
  return `${file}.state`
}

/**
 * Goes on with a chain, or begins one and leaves its first key in the key file.
 *
 * @throws CacheError `KEY_UNAVAILABLE` when the state is unsafe or damaged, or missing while there are records
 */
export async function openState(file: string, hasRecords: boolean): Promise<ChainState> {
  const bytes = await readSecureFile(stateFileOf(file))
  if (bytes) return parseState(bytes, file)
  if (hasRecords)
    throw new CacheError(
      'KEY_UNAVAILABLE',
      `${stateFileOf(file)} is missing, so the audit ${file} can't be gone on with; restore it, or move the audit's files away together`,
    )
  const state = {
    epoch: 0,
    key: await firstKey(file),
    hashing: randomBytes(chainKeyBytes),
    position: chainStart,
  }
  const text = stateText(state)
  await createSecureFile(stateFileOf(file), text)
  text.fill(0)
  return state
}

/** @throws CacheError `KEY_UNAVAILABLE` */
export async function saveState(file: string, state: ChainState): Promise<void> {
  const text = stateText(state)
  await replaceSecureFile(stateFileOf(file), text)
  text.fill(0)
}

/**
 * The first key of a chain, as {@link openState} left it.
 *
 * @throws CacheError `KEY_UNAVAILABLE`
 */
export async function readVerificationKey(path: string): Promise<Buffer> {
  const bytes = await readSecureFile(path)
  const key = Buffer.from(bytes?.toString('latin1').trim() ?? '', 'base64')
  if (key.length === chainKeyBytes) return key
  throw new CacheError('KEY_UNAVAILABLE', `${path} does not hold the verification key of an audit`)
}

/** That of a key file that an operator put there, or a new one. */
async function firstKey(file: string): Promise<Buffer> {
  const path = keyFileOf(file)
  await createSecureFile(path, Buffer.from(`${randomBytes(chainKeyBytes).toString('base64')}\n`))
  return readVerificationKey(path)
}

function stateText({ epoch, key, hashing, position }: ChainState): Buffer {
  const secrets = { key: key.toString('base64'), hashing: hashing.toString('base64') }
  return Buffer.from(
    `${JSON.stringify({ format: 'cache-audit-state', version: 1, epoch, ...secrets, ...position })}\n`,
  )
}

function parseState(bytes: Buffer, file: string): ChainState {
  try {
    const state = JSON.parse(bytes.toString('utf8')) as Record<string, string | number>
    const { epoch, seq, mac } = state
    const [key, hashing] = [state['key'], state['hashing']].map((text) => Buffer.from(String(text), 'base64'))
    const isWhole = state['format'] === 'cache-audit-state' && state['version'] === 1
    if (isWhole && key?.length === chainKeyBytes && hashing?.length === chainKeyBytes)
      return { epoch: Number(epoch), key, hashing, position: { seq: Number(seq), mac: String(mac) } }
  } catch {
    // Said below.
  }
  throw new CacheError('KEY_UNAVAILABLE', `${stateFileOf(file)} is damaged; restore it from a backup`)
}
