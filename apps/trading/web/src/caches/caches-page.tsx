import { type FormEvent, useState } from 'react'

import { post } from '../api/client.ts'
import type { CachesAnswer } from '../api/types.ts'
import { usePolled } from '../api/use-polled.ts'
import { useAction } from '../connections/use-actions.ts'
import { bytes, count, duration, percent } from '../format.ts'
import { Field, Figure, Notice } from '../parts/parts.tsx'
import { Unavailable } from '../parts/unavailable.tsx'
import { CacheTable } from './cache-table.tsx'

/** How each cache does, and the means to empty it. */
export function CachesPage() {
  const { data, error, put } = usePolled<CachesAnswer>('/web/caches', 2000)
  const [done, setDone] = useState<string>()
  const act = useAction(async (path: string, body: object, text: string) => {
    setDone(undefined)
    put(await post<CachesAnswer>(path, body))
    setDone(text)
  })
  if (error !== undefined) return <Unavailable error={error} />
  if (data === undefined) return null
  return (
    <>
      <h1>Caches</h1>
      <Totals answer={data} />
      {act.fault !== undefined && <Notice kind="fault">{act.fault}</Notice>}
      {done !== undefined && <Notice kind="good">{done}</Notice>}
      <CacheTable
        caches={data.caches}
        onClear={(name) => act.run(`/web/caches/${name}/clear`, {}, `“${name}” is empty; reads load anew.`)}
      />
      <InvalidateForm
        busy={act.busy}
        onInvalidate={(tag) =>
          act.run('/web/caches/invalidate', { tag }, `Entries tagged “${tag}” are gone from every cache.`)
        }
      />
    </>
  )
}

function Totals({ answer }: { readonly answer: CachesAnswer }) {
  const { caches, symbols, backend, uptimeMs } = answer
  const hits = caches.reduce((sum, cache) => sum + cache.hits, 0)
  const reads = caches.reduce((sum, cache) => sum + cache.hits + cache.misses, 0)
  return (
    <dl className="figures figures-wide">
      <Figure name="Hit rate">{reads === 0 ? '–' : percent(hits / reads)}</Figure>
      <Figure name="Reads">{count(reads)}</Figure>
      <Figure name="Backend">{backend}</Figure>
      <Figure name="Up">{duration(uptimeMs)}</Figure>
      <Figure name="Symbol index">{bytes(symbols.bytes)}</Figure>
      <Figure name="Symbol look-ups">{count(symbols.lookups)}</Figure>
    </dl>
  )
}

interface InvalidateFormProps {
  readonly busy: boolean
  readonly onInvalidate: (tag: string) => void
}

function InvalidateForm({ busy, onInvalidate }: InvalidateFormProps) {
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const tag = new FormData(event.currentTarget).get('tag')
    onInvalidate(typeof tag === 'string' ? tag : '')
  }
  return (
    <form className="inline-form card" onSubmit={submit}>
      <Field id="tag" label="Invalidate by tag" hint="user:1 drops everything remembered of the first user.">
        {(control) => <input {...control} name="tag" defaultValue="user:1" autoComplete="off" />}
      </Field>
      <button className="button" disabled={busy}>
        Invalidate
      </button>
    </form>
  )
}
