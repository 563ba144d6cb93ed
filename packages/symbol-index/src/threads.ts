import { BroadcastChannel } from 'node:worker_threads'

import type { SymbolIndex } from './symbol-index.ts'

export interface ThreadsOptions {
  /** Threads of one channel belong together. Default `cache-symbol-index`. */
  readonly channel?: string | undefined
}

/** What threads tell each other: the buffer in use, or that somebody asks for it. */
type ThreadMessage = { readonly type: 'set'; readonly buffer: SharedArrayBuffer } | { readonly type: 'ask' }

const DEFAULT_CHANNEL = 'cache-symbol-index'

/**
 * Gives the set in use to the threads of this process that follow, and every later one as soon as it is swapped in.
 * They share its buffer: nothing is copied. The function returned ends it. One thread provides.
 */
export function provideToThreads(index: SymbolIndex, options: ThreadsOptions = {}): () => void {
  const channel = open(options)
  const send = (): void => {
    if (index.size > 0) tell(channel, { type: 'set', buffer: index.current.buffer })
  }
  channel.addEventListener('message', (message) => {
    if (dataOf(message).type === 'ask') send()
  })
  const stopListening = index.on('swap', send)
  send()
  return () => {
    stopListening()
    channel.close()
  }
}

/** Swaps to what another thread of this process provides, now and later. The function returned ends it. */
export function followInThread(index: SymbolIndex, options: ThreadsOptions = {}): () => void {
  const channel = open(options)
  channel.addEventListener('message', (message) => {
    const data = dataOf(message)
    // A set beyond this index's own memory budget is refused; its `failure` event says so.
    if (data.type === 'set') void index.adopt(data.buffer).catch(() => undefined)
  })
  tell(channel, { type: 'ask' })
  return () => channel.close()
}

/** A pending message does not keep the process alive. */
function open({ channel = DEFAULT_CHANNEL }: ThreadsOptions): BroadcastChannel {
  const opened = new BroadcastChannel(channel)
  opened.unref()
  return opened
}

function tell(channel: BroadcastChannel, message: ThreadMessage): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel of threads has no origins
  channel.postMessage(message)
}

function dataOf(message: unknown): ThreadMessage {
  return (message as { readonly data: ThreadMessage }).data
}
