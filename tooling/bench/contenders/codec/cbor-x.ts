import { decode, encode } from 'cbor-x'
import { payloadBytes, type CodecContender } from '../../workloads/codec.ts'

export function open(): CodecContender<Buffer> {
  return {
    encode: (value) => encode(value),
    decode: (encoded): unknown => decode(encoded),
    byteLength: payloadBytes,
  }
}
