import { payloadBytes, type CodecContender } from '../../workloads/codec.ts'

/** The floor. */
export function open(): CodecContender<string> {
  return {
    encode: (value) => JSON.stringify(value),
    decode: (encoded): unknown => JSON.parse(encoded),
    byteLength: payloadBytes,
  }
}
