import type { RawData } from 'ws'

/** A message of a WebSocket as text, in whichever form it came. */
export function socketText(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString()
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString()
}
