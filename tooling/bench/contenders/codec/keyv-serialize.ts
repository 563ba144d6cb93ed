import { defaultDeserialize, defaultSerialize } from '@keyv/serialize'
import { payloadBytes, type CodecContender } from '../../workloads/codec.ts'

export function open(): CodecContender<string> {
  return {
    encode: (value) => defaultSerialize(value),
    decode: (encoded): unknown => defaultDeserialize(encoded),
    byteLength: payloadBytes,
  }
}
