import { payloadBytes, type CodecContender } from '../../workloads/codec.ts'

/** As for stores that take bytes. */
export function open(): CodecContender<Buffer> {
  return {
    encode: (value) => Buffer.from(JSON.stringify(value)),
    decode: (encoded): unknown => JSON.parse(encoded.toString()),
    byteLength: payloadBytes,
  }
}
