/** Turns the text of a variable into its value, or throws a {@link VariableFault} that says what would do. */
export type Reader<T> = (text: string) => T

/** Why a value can't be used, as the end of the sentence "NAME is 'x', but …". */
export class VariableFault extends Error {
  override get name(): string {
    return 'VariableFault'
  }
}

/** @throws VariableFault for anything but decimal digits within the bounds */
export function wholeNumber(from: number, to: number): Reader<number> {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= from && value <= to) return value
    throw new VariableFault(`must be a whole number from ${from} to ${to}`)
  }
}

/**
 * A whole number of a unit as the environment has it, in milliseconds from here on. From `'forever'` means from 0,
 * and that 0 is `Infinity`.
 */
export function scaledNumber(from: number | 'forever', to: number, unitMs: number): Reader<number> {
  const read = wholeNumber(from === 'forever' ? 0 : from, to)
  return (text) => {
    const value = read(text)
    return from === 'forever' && value === 0 ? Number.POSITIVE_INFINITY : value * unitMs
  }
}

/** A number from 0 to 1. */
export const share: Reader<number> = (text) => {
  if (/^(0|1|0?\.\d+|1\.0+|0\.0*)$/.test(text)) return Number(text)
  throw new VariableFault('must be a number from 0 to 1, such as 0.25')
}

export const flag: Reader<boolean> = (text) => {
  const word = text.toLowerCase()
  if (word === 'true' || word === 'false') return word === 'true'
  throw new VariableFault('must be true or false')
}

/** A switch of the documents that has one position here; `reason` is the sentence that says why. */
export function alwaysTrue(reason: string): Reader<true> {
  return (text) => {
    if (flag(text)) return true
    throw new VariableFault(`must be true: ${reason}`)
  }
}

/** @throws VariableFault for anything but one of the words, in any case */
export function oneOf<const T extends string>(words: readonly T[]): Reader<T> {
  return (text) => {
    const found = words.find((word) => word === text.toLowerCase())
    if (found !== undefined) return found
    throw new VariableFault(`must be ${listed(words)}`)
  }
}

/** `a, b or c`. */
export function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`
}

export const anyText: Reader<string> = (text) => text

/** A name that can stand in logs, metrics and headers; or empty. */
export const plainName: Reader<string> = (text) => {
  if (/^[\w.-]{0,64}$/.test(text)) return text
  throw new VariableFault('must be up to 64 letters, digits, ".", "-" and "_"')
}

/** The first part of every key. */
export const keyPrefix: Reader<string> = (text) => {
  if (/^[a-z][a-z0-9_-]{0,62}$/i.test(text)) return text
  throw new VariableFault("must be up to 63 letters, digits, '-' and '_', beginning with a letter")
}

/** Names between commas; spaces around them do not count. */
export const nameList: Reader<readonly string[]> = (text) => {
  const names = text.split(',').flatMap((part) => part.trim() || [])
  const odd = names.find((name) => !/^[a-z][\w:-]*$/i.test(name))
  if (odd === undefined) return names
  throw new VariableFault('must be names of caches between commas, such as auth,api_keys')
}

/** The address of a Redis or Valkey server, or empty. */
export const serverUrl: Reader<URL | undefined> = (text) => {
  if (text === '') return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^(rediss?|valkeys?):$/.test(url.protocol) && url.hostname !== '') return url
  throw new VariableFault('must be an address such as redis://localhost:6379/1')
}
