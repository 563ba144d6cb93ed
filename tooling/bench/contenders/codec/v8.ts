import { deserialize, serialize } from 'node:v8'
import { payloadBytes, type CodecContender } from '../../workloads/codec.ts'

export function open(): CodecContender<Buffer> {
  return {
    encode: (value) => serialize(value),
    decode: (encoded): unknown => deserialize(encoded),
    byteLength: payloadBytes,
  }
}
