import { markdownTable } from '@cache/environment'
import { catalogue, oauthTtlSeconds, type CatalogueEntry } from './catalogue.ts'

/** The catalogue as a table of Markdown. */
export function ttlTable(): string {
  const rows = Object.entries<CatalogueEntry>(catalogue).map(([name, entry]) => [
    `\`${name}\``,
    entry.alias === undefined ? '' : `\`${entry.alias}\``,
    entry.key,
    inWords(entry.ttlSeconds),
    entry.maxEntries.toLocaleString('en'),
    entry.sensitive ? 'yes' : '',
    entry.about,
  ])
  const head = ['cache', 'in the cache guide', 'key', 'time to live', 'entries', 'sealed', 'what it holds']
  return markdownTable(head, rows)
}

/** The times of OAuth tokens as a table of Markdown. */
export function oauthTable(): string {
  const rows = Object.entries(oauthTtlSeconds).flatMap(([broker, kinds]) =>
    Object.entries(kinds).map(([kind, seconds]) => [
      broker === '*' ? 'any other' : broker,
      `\`${kind}\``,
      inWords(seconds),
    ]),
  )
  return markdownTable(['broker', 'token', 'time to live'], rows)
}

function inWords(seconds: number): string {
  const units = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'm'],
  ] as const
  const unit = units.find(([size]) => seconds % size === 0 && seconds >= size)
  return unit === undefined
    ? `${seconds} s`
    : `${seconds / unit[0]} ${unit[1]} (${seconds.toLocaleString('en')} s)`
}
