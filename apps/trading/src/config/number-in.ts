/** A number that stands behind a flag. @throws Error that says what is wrong */
export function numberIn(flag: string, text: string, { from, to }: { from: number; to: number }): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= from && value <= to) return value
  throw new Error(`${flag} is '${text}', but must be a number from ${from} to ${to}`)
}
