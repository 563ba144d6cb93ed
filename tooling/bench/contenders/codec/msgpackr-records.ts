import { Packr } from 'msgpackr'
import { payloadBytes, type CodecContender } from '../../workloads/codec.ts'

/** Whoever decodes needs the structures that the encoder noted. */
export function open(): CodecContender<Buffer> {
  const packr = new Packr({ structures: [] })
  return {
    encode: (value) => packr.pack(value),
    decode: (encoded): unknown => packr.unpack(encoded),
    byteLength: payloadBytes,
  }
}
