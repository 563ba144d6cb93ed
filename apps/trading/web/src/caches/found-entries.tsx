import type { FoundEntry, SearchedEntries } from '../api/types.ts'
import { count, span } from '../format.ts'
import { Empty, Figure } from '../parts/parts.tsx'

interface FoundEntriesProps {
  readonly found: SearchedEntries & { readonly cache: string }
  /** Of the entry with this key; without one, of the entry that was asked for. */
  readonly onInvalidate: (key: string | undefined) => void
}

/** What is known of the entries that were found. */
export function FoundEntries({ found, onInvalidate }: FoundEntriesProps) {
  const { entries, more, tagged, cache } = found
  if (entries.length === 0 && tagged === undefined) {
    return (
      <Empty title="There is no such entry">
        <p>It was never stored, has ended, or was made unreadable. The next read loads it anew.</p>
      </Empty>
    )
  }
  return (
    <section className="found" aria-label={`Entries of ${cache}`}>
      <p className="note" role="status">
        {tagged !== undefined &&
          `${count(tagged)} live ${tagged === 1 ? 'entry carries' : 'entries carry'} the tag. `}
        {more && `The first ${entries.length} are shown; a narrower pattern finds the others.`}
      </p>
      {entries.map((entry, at) => (
        <Entry key={entry.key ?? at} {...{ entry, onInvalidate }} />
      ))}
    </section>
  )
}

interface EntryProps {
  readonly entry: FoundEntry
  readonly onInvalidate: FoundEntriesProps['onInvalidate']
}

function Entry({ entry, onInvalidate }: EntryProps) {
  const { key, value, source, stale, ageMs, freshForMs, revision, version, tags } = entry
  return (
    <article className="card entry">
      <header className="toolbar">
        <h2 className="entry-key">{key ?? 'The entry is there; its key and value are not shown'}</h2>
        <button type="button" className="button button-small" onClick={() => onInvalidate(key)}>
          Invalidate<span className="hidden"> {key ?? 'the entry'}</span>
        </button>
      </header>
      <dl className="figures">
        <Figure name="Where">{source === 'l1' ? 'memory' : 'store'}</Figure>
        <Figure name="Age">{span(ageMs)}</Figure>
        <Figure name={stale ? 'Stale for' : 'Fresh for'}>
          <span className={stale ? 'warn' : undefined}>{span(Math.abs(freshForMs))}</span>
        </Figure>
        <Figure name="Revision">
          <span className="code">{revision}</span>
        </Figure>
        {version !== undefined && <Figure name="Version">{version}</Figure>}
      </dl>
      {tags.length > 0 && (
        <ul className="tags" aria-label="Tags">
          {tags.map((tag) => (
            <li key={tag}>{tag}</li>
          ))}
        </ul>
      )}
      {value !== undefined && <pre className="value">{value}</pre>}
    </article>
  )
}
