import { CacheError } from '@cache/ports'
import { parse, stringify } from 'devalue'
import { entriesOfEscaped, objectOfEntries } from './escaped-names.ts'

/** Prototypes of what devalue carries with its type; an instance of a subclass would come back as its parent. */
const carriedTypes =
  'Object Array Map Set Date RegExp URL URLSearchParams ArrayBuffer DataView Number String Boolean BigInt ' +
  'Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array ' +
  'Float16Array Float32Array Float64Array BigInt64Array BigUint64Array'

const globals = globalThis as unknown as Readonly<Record<string, { readonly prototype: unknown } | undefined>>

const carried: ReadonlySet<unknown> = new Set(
  // Float16Array is missing from Node 22.
  carriedTypes
    .split(' ')
    .filter((name) => name in globals)
    .map((name) => globals[name]?.prototype),
)

const reducers = {
  Buffer: (value: unknown): string | false => Buffer.isBuffer(value) && value.toString('base64'),
  // Without this a view would carry the whole buffer below it, also what other views hold there.
  View: (value: unknown): unknown => isPartialView(value) && [copyOf(value)],
  Refused: (value: unknown): false => refuseUnfaithful(value),
  Entries: entriesOfEscaped,
}

const revivers = {
  Buffer: (base64: string): Buffer => Buffer.from(base64, 'base64'),
  View: ([view]: readonly [unknown]): unknown => view,
  Entries: objectOfEntries,
}

function isPartialView(value: unknown): value is NodeJS.TypedArray | DataView {
  return ArrayBuffer.isView(value) && value.byteLength !== value.buffer.byteLength
}

function copyOf(view: NodeJS.TypedArray | DataView): unknown {
  return view instanceof DataView
    ? new DataView(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength))
    : view.slice()
}

function refuseUnfaithful(value: unknown): false {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && !carried.has(prototype)) throw new TypeError('it holds an instance of a class')
  if (hasUncarriedFields(value)) throw new TypeError('it holds a built-in object with fields of its own')
  return false
}

/** Own names beside what the type itself carries, which would be lost. */
function hasUncarriedFields(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  const mayHaveFields = prototype === Object.prototype || prototype === null || prototype === String.prototype
  if (mayHaveFields || ArrayBuffer.isView(value)) return false
  const names = Object.keys(value)
  return Array.isArray(value) ? names.some((name) => !isIndex(name)) : names.length > 0
}

function isIndex(name: string): boolean {
  return String(Math.trunc(Number(name))) === name && Number(name) >= 0
}

/**
 * Text that {@link decodeFaithful} turns into an equal value of the same types: also `undefined`, `NaN`, `-0`,
 * `bigint`, `Date`, `Map`, `Set`, `RegExp`, `URL`, typed arrays, `Buffer`, holes, repeated references and cycles.
 *
 * @throws CacheError `INVALID_VALUE` for functions, symbols, class instances and what else could not come back.
 */
export function encodeFaithful(value: unknown): string {
  try {
    const text = stringify(value, reducers)
    // An object of this kind cannot be a part of itself when it is read.
    if (text.includes('["Entries",')) decodeFaithful(text)
    return text
  } catch (error) {
    // The cause would name where in the value, and with it keys of maps, so only its reason is passed on.
    const reason = error instanceof Error ? error.message : 'unknown'
    throw new CacheError(
      'INVALID_VALUE',
      `The value cannot be stored faithfully: ${reason}. Store plain data instead`,
    )
  }
}

/** @throws Error on text that {@link encodeFaithful} did not write. */
export function decodeFaithful(text: string): unknown {
  return parse(text, revivers)
}
