/** Where Debian packages come from: an entry of the machine's own apt configuration. */
export interface AptSource {
  readonly uris: string
  readonly components: string
  /** The path or the text of the key; absent where the entry names none. */
  readonly signedBy: string | undefined
}

/** The entry that serves `suite`, or `undefined`. `files` are those of apt: `*.sources` and `*.list`. */
export function findAptSource(
  files: readonly { readonly name: string; readonly text: string }[],
  suite: string,
): AptSource | undefined {
  for (const { name, text } of files) {
    const found = name.endsWith('.sources') ? fromStanzas(text, suite) : fromLines(text, suite)
    if (found) return found
  }
  return undefined
}

/** An apt entry in the deb822 format, for the suites given. */
export function aptStanza(source: AptSource, suites: readonly string[]): string {
  const lines = [
    'Types: deb',
    `URIs: ${source.uris}`,
    `Suites: ${suites.join(' ')}`,
    `Components: ${source.components}`,
  ]
  if (source.signedBy !== undefined) lines.push(`Signed-By: ${source.signedBy}`)
  return `${lines.join('\n')}\n`
}

function fromStanzas(text: string, suite: string): AptSource | undefined {
  for (const stanza of text.split(/\n\s*\n/)) {
    const fields = fieldsOf(stanza)
    const isWanted =
      words(fields.get('types')).includes('deb') &&
      words(fields.get('suites')).includes(suite) &&
      fields.get('enabled') !== 'no'
    const uris = fields.get('uris')
    if (!isWanted || uris === undefined) continue
    return { uris, components: fields.get('components') ?? 'main', signedBy: fields.get('signed-by') }
  }
  return undefined
}

/** Names in lower case; a value keeps its continuation lines. */
function fieldsOf(stanza: string): Map<string, string> {
  const fields = new Map<string, string>()
  let name = ''
  for (const line of stanza.split('\n')) {
    if (line.startsWith('#')) continue
    const match = /^([A-Za-z-]+):\s*(.*)$/.exec(line)
    if (match) {
      name = (match[1] ?? '').toLowerCase()
      fields.set(name, match[2] ?? '')
    } else if (/^\s/.test(line) && name !== '') fields.set(name, `${fields.get(name) ?? ''}\n${line}`)
  }
  return fields
}

function words(text: string | undefined): readonly string[] {
  return (text ?? '').split(/\s+/).filter(Boolean)
}

function fromLines(text: string, suite: string): AptSource | undefined {
  for (const line of text.split('\n')) {
    const match = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+?)\s*(?:#.*)?$/.exec(line.trim())
    if (!match || match[3] !== suite) continue
    const signedBy = words(match[1]).find((option) => option.startsWith('signed-by='))
    return {
      uris: match[2] ?? '',
      components: match[4] ?? '',
      signedBy: signedBy?.slice('signed-by='.length),
    }
  }
  return undefined
}
