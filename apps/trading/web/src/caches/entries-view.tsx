import { type FormEvent, useState } from 'react'

import { post } from '../api/client.ts'
import type { CacheRow, CachesAnswer, SearchedEntries } from '../api/types.ts'
import { useAction } from '../api/use-action.ts'
import { NotYet } from '../parts/not-yet.tsx'
import { Choice, Field, Notice } from '../parts/parts.tsx'
import { Select } from '../parts/select.tsx'
import { FoundEntries } from './found-entries.tsx'
import { InvalidateTag } from './invalidate-tag.tsx'
import { useConsole } from './use-console.ts'

const ways = { Key: 'key', Pattern: 'pattern', Tag: 'tag' } as const

type Way = keyof typeof ways

const examples: Readonly<Record<Way, string>> = { Key: 'NSE:INFY', Pattern: 'NFO:NIFTY*', Tag: 'user:1' }
const hints: Readonly<Record<Way, string>> = {
  Key: 'As it is stored, its parts joined with a colon.',
  Pattern: 'A * stands for any text.',
  Tag: 'Entries that belong to somebody carry user:ID.',
}

type Found = SearchedEntries & { readonly cache: string; readonly asked: string }

/** Looks for entries, tells what is known of them, and makes them unreadable. */
export function EntriesView() {
  const { data, error } = useConsole<CachesAnswer>('/web/caches', 10_000)
  const [found, setFound] = useState<Found>()
  const [done, setDone] = useState<string>()
  const search = useAction(async (cache: string, by: string, asked: string) => {
    setDone(undefined)
    setFound(undefined)
    const answer = await post<SearchedEntries>(`/web/caches/${cache}/entries`, { by, text: asked })
    setFound({ ...answer, cache, asked })
  })
  const invalidate = useAction(async (cache: string, key: string) => {
    await post(`/web/caches/${cache}/invalidate`, { key })
    setFound(undefined)
    setDone(`The entry is gone from “${cache}” in every instance.`)
  })
  if (data === undefined) return <NotYet what="the caches" error={error} />
  const fault = search.fault ?? invalidate.fault
  return (
    <>
      <EntryForm caches={data.caches} busy={search.busy} onSearch={search.run} />
      {fault !== undefined && <Notice kind="fault">{fault}</Notice>}
      {done !== undefined && <Notice kind="good">{done}</Notice>}
      {found !== undefined && (
        <FoundEntries found={found} onInvalidate={(key) => invalidate.run(found.cache, key ?? found.asked)} />
      )}
      <InvalidateTag />
    </>
  )
}

interface EntryFormProps {
  readonly caches: readonly CacheRow[]
  readonly busy: boolean
  readonly onSearch: (cache: string, by: string, text: string) => void
}

function EntryForm({ caches, busy, onSearch }: EntryFormProps) {
  const [name, setName] = useState('quotes')
  const [way, setWay] = useState<Way>('Key')
  const [text, setText] = useState('')
  const isSensitive = caches.find((one) => one.cache === name)?.sensitive === true
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    onSearch(name, ways[way], text)
  }
  return (
    <form className="card" onSubmit={submit} role="search" aria-label="Entries">
      <div className="entry-form">
        <Select
          {...{ id: 'entry-cache', label: 'Cache', values: caches.map(({ cache }) => cache), value: name }}
          onChange={setName}
        />
        <Choice
          {...{ legend: 'Look for a', name: 'way', options: Object.keys(ways) as Way[], value: way }}
          onChange={setWay}
        />
        <Field id="entry-text" label={way} hint={hints[way]}>
          {(control) => (
            <input
              {...control}
              type="search"
              autoComplete="off"
              spellCheck={false}
              placeholder={examples[way]}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        <button className="button button-main" disabled={busy}>
          {busy ? 'Looking…' : 'Look'}
        </button>
      </div>
      {isSensitive && (
        <p className="note">
          “{name}” holds secrets: its keys are hashed and its values encrypted. Give the whole key to learn
          whether there is an entry, or a tag to count them; neither keys nor values are shown.
        </p>
      )}
    </form>
  )
}
