import { parse, stringify } from 'superjson'
import { payloadBytes, type CodecContender } from '../../workloads/codec.ts'

export function open(): CodecContender<string> {
  return {
    encode: (value) => stringify(value),
    decode: (encoded) => parse(encoded),
    byteLength: payloadBytes,
  }
}
