import { decodeValue, encodeValue, type Encoded } from '../../../../packages/core/src/codec/value-format.ts'
import { payloadBytes, type CodecContender } from '../../workloads/codec.ts'

/** What an engine without a codec of its own does: JSON for plain data, after a look whether it is plain. */
export function open(): CodecContender<Encoded> {
  return {
    encode: encodeValue,
    decode: (encoded) => {
      const { payload, format } = encoded
      return decodeValue(payload, format, undefined)
    },
    byteLength: (encoded) => payloadBytes(encoded.payload),
  }
}
