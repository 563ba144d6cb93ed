interface Range {
  readonly from: number
  readonly to: number
}

/** A number that stands behind a flag. @throws Error that says what is wrong */
export function numberIn(flag: string, text: string, { from, to }: Range): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= from && value <= to) return value
  throw new Error(`${flag} is '${text}', but must be a number from ${from} to ${to}`)
}

/** A whole number that stands behind a flag. @throws Error that says what is wrong */
export function wholeNumberIn(flag: string, text: string, range: Range): number {
  const value = numberIn(flag, text, range)
  if (Number.isInteger(value)) return value
  throw new Error(`${flag} is '${text}', but must be a whole number`)
}
