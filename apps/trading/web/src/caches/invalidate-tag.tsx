import { type FormEvent, useState } from 'react'

import { post } from '../api/client.ts'
import { useAction } from '../api/use-action.ts'
import { textOf } from '../parts/form-text.ts'
import { Field, Notice } from '../parts/parts.tsx'

/** Makes everything that carries a tag unreadable, in every cache and instance. */
export function InvalidateTag() {
  const [done, setDone] = useState<string>()
  const act = useAction(async (tag: string) => {
    setDone(undefined)
    await post('/web/caches/invalidate', { tag })
    setDone(`Entries tagged “${tag}” are gone from every cache.`)
  })
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    act.run(textOf(new FormData(event.currentTarget), 'tag'))
  }
  return (
    <section className="card" aria-labelledby="tag-title">
      <h2 id="tag-title">Invalidate by tag</h2>
      {act.fault !== undefined && <Notice kind="fault">{act.fault}</Notice>}
      {done !== undefined && <Notice kind="good">{done}</Notice>}
      <form className="inline-form" onSubmit={submit}>
        <Field
          id="tag"
          label="Tag"
          hint="user:1 drops everything remembered of the first user, in every cache."
        >
          {(control) => <input {...control} name="tag" placeholder="user:1" autoComplete="off" required />}
        </Field>
        <button className="button" disabled={act.busy}>
          Invalidate
        </button>
      </form>
    </section>
  )
}
