import { type FormEvent, useState } from 'react'

import { post } from '../api/client.ts'
import type { ApiKeyRow } from '../api/types.ts'
import { usePolled } from '../api/use-polled.ts'
import { moment } from '../format.ts'
import { textOf } from '../parts/form-text.ts'
import { Field, Notice } from '../parts/parts.tsx'
import { useAction } from '../api/use-action.ts'

interface KeysAnswer {
  readonly keys: readonly ApiKeyRow[]
}

/** Keys for programs that speak OpenAlgo's API. */
export function ApiKeysSection() {
  const { data, put, refresh } = usePolled<KeysAnswer>('/web/api-keys', 60_000)
  const [made, setMade] = useState<string>()
  const create = useAction(async (label: string) => {
    const { key } = await post<{ readonly key: string }>('/web/api-keys', { label })
    setMade(key)
    refresh()
  })
  const revoke = useAction(async (id: number) => put(await post<KeysAnswer>(`/web/api-keys/${id}/revoke`)))
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    create.run(textOf(new FormData(event.currentTarget), 'label'))
    event.currentTarget.reset()
  }
  const fault = create.fault ?? revoke.fault
  return (
    <section className="card" aria-labelledby="keys-title">
      <h2 id="keys-title">API keys</h2>
      <p className="note">For OpenAlgo clients, which send the key as “apikey” in each request to /api/v1.</p>
      {fault !== undefined && <Notice kind="fault">{fault}</Notice>}
      {made !== undefined && (
        <Notice kind="good">
          Copy the key now; it is not shown again.
          <code className="secret" data-testid="api-key">
            {made}
          </code>
        </Notice>
      )}
      <ul className="keys">
        {data?.keys.map((key) => (
          <li key={key.id}>
            <span>
              {key.label}{' '}
              <span className="sub">
                ends in {key.hint} · {moment(key.createdAtMs)}
              </span>
            </span>
            <button type="button" className="button button-small" onClick={() => revoke.run(key.id)}>
              Revoke<span className="hidden"> {key.label}</span>
            </button>
          </li>
        ))}
      </ul>
      <form className="inline-form" onSubmit={submit}>
        <Field id="label" label="Name of the new key">
          {(control) => (
            <input {...control} name="label" placeholder="Momentum script" autoComplete="off" required />
          )}
        </Field>
        <button className="button" disabled={create.busy}>
          Make key
        </button>
      </form>
    </section>
  )
}
