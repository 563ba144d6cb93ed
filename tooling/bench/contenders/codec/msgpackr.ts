import { pack, unpack } from 'msgpackr'
import { payloadBytes, type CodecContender } from '../../workloads/codec.ts'

export function open(): CodecContender<Buffer> {
  return {
    encode: (value) => pack(value),
    decode: (encoded): unknown => unpack(encoded),
    byteLength: payloadBytes,
  }
}
