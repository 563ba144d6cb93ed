import { type FormEvent, useState } from 'react'

import { post, RequestError } from '../api/client.ts'
import type { SessionAnswer } from '../api/types.ts'
import { Brand } from '../layout/brand.tsx'
import { Field, Notice } from '../parts/parts.tsx'
import { useSession } from './session.tsx'

const texts = {
  setup: {
    title: 'Set up your trading desk',
    lead: 'You are the first here. Choose the name and password of the administrator; there is no default one.',
    button: 'Create and sign in',
    path: '/web/setup',
    passwordHint: 'At least 10 characters.',
    autoComplete: 'new-password',
  },
  'sign-in': {
    title: 'Sign in',
    lead: 'Orders, positions and the instrument master are as you left them.',
    button: 'Sign in',
    path: '/web/sign-in',
    passwordHint: undefined,
    autoComplete: 'current-password',
  },
} as const

/** The first run's set-up, or the sign-in of every later day. */
export function SignInPage({ kind }: { readonly kind: keyof typeof texts }) {
  const { take, reload } = useSession()
  const [fault, setFault] = useState<RequestError>()
  const [busy, setBusy] = useState(false)
  const { title, lead, button, path, passwordHint, autoComplete } = texts[kind]
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    try {
      take(await post<SessionAnswer>(path, Object.fromEntries(new FormData(event.currentTarget))))
    } catch (error) {
      if (error instanceof RequestError) setFault(error)
      if (error instanceof RequestError && error.code === 'SET_UP') reload()
    } finally {
      setBusy(false)
    }
  }
  const fields = fault?.fields ?? {}
  return (
    <main className="gate">
      <Brand />
      <form className="gate-card" onSubmit={(event) => void submit(event)} noValidate>
        <h1>{title}</h1>
        <p className="lead">{lead}</p>
        {fault !== undefined && Object.keys(fields).length === 0 && (
          <Notice kind="fault">{fault.message}</Notice>
        )}
        <Field id="name" label="Name" fault={fields['name']?.[0]}>
          {(control) => (
            <input {...control} name="name" autoComplete="username" autoCapitalize="none" autoFocus />
          )}
        </Field>
        <Field id="password" label="Password" hint={passwordHint} fault={fields['password']?.[0]}>
          {(control) => <input {...control} name="password" type="password" autoComplete={autoComplete} />}
        </Field>
        <button className="button button-main" disabled={busy}>
          {busy ? 'One moment…' : button}
        </button>
      </form>
    </main>
  )
}
