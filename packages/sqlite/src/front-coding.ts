/**
 * Names as text in which each leaves out what it begins with in common with the one before it: the length of that, then
 * the rest. Keys that are written together often differ in their ends alone, and what a commit costs is pages.
 */
export function frontCoded(names: readonly string[]): string {
  const parts: (string | number)[] = []
  let previous = ''
  for (const name of names) {
    const shared = sharedLength(previous, name)
    parts.push(shared, name.slice(shared))
    previous = name
  }
  return JSON.stringify(parts)
}

/** The names of a {@link frontCoded} text. */
export function frontDecoded(text: string): string[] {
  const parts = JSON.parse(text) as (string | number)[]
  const names: string[] = []
  let previous = ''
  for (let index = 0; index < parts.length; index += 2) {
    previous = previous.slice(0, parts[index] as number) + (parts[index + 1] as string)
    names.push(previous)
  }
  return names
}

function sharedLength(one: string, other: string): number {
  const longest = Math.min(one.length, other.length)
  let length = 0
  while (length < longest && one.charCodeAt(length) === other.charCodeAt(length)) length++
  return length
}
