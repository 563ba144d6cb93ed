import { decodeFaithful, encodeFaithful } from '../../../../packages/core/src/codec/faithful.ts'
import { payloadBytes, type CodecContender } from '../../workloads/codec.ts'

/** The form for what JSON would lose: dates, maps, sets, NaN. */
export function open(): CodecContender<string> {
  return {
    encode: encodeFaithful,
    decode: (encoded) => decodeFaithful(encoded),
    byteLength: payloadBytes,
  }
}
