import { frozenCopy, notFreezable } from '../codec/freeze.ts'
import { decodeValue, encodeValue } from '../codec/value-format.ts'

/** A value that is not stored: callers share it if freezing protects it, else each has a copy if it can be copied. */
export function shareable<V>(value: V | undefined): () => V | undefined {
  const copy = frozenCopy(value)
  if (copy !== notFreezable) return () => copy
  try {
    const { payload, format } = encodeValue(value)
    return () => decodeValue(payload, format, undefined) as V
  } catch {
    return () => value
  }
}
