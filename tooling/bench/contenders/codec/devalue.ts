import { parse, stringify } from 'devalue'
import { payloadBytes, type CodecContender } from '../../workloads/codec.ts'

export function open(): CodecContender<string> {
  return {
    encode: (value) => stringify(value),
    decode: (encoded): unknown => parse(encoded),
    byteLength: payloadBytes,
  }
}
