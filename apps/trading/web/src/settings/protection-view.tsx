import { type FormEvent, useState } from 'react'

import { post } from '../api/client.ts'
import { usePolled } from '../api/use-polled.ts'
import { useAction } from '../api/use-action.ts'
import { moment } from '../format.ts'
import { NotYet } from '../parts/not-yet.tsx'
import { Choice, Field, Notice } from '../parts/parts.tsx'

interface AppSettings {
  readonly analyze_mode: boolean
  readonly api_key_attempts: number
  readonly ban_minutes: number
}

interface Ban {
  readonly address: string
  readonly reason: string
  readonly expiresAtMs: number
}

interface BansAnswer {
  readonly bans: readonly Ban[]
}

/** Settings of the app as a whole, and who is banned. A change reaches every instance within the caches' bound. */
export function ProtectionView() {
  const { data, error, put } = usePolled<AppSettings>('/web/admin/settings', 15_000)
  const [done, setDone] = useState(false)
  const change = useAction(async (changes: Partial<AppSettings>) => {
    setDone(false)
    put(await post<AppSettings>('/web/admin/settings', changes))
    setDone(true)
  })
  if (data === undefined) return <NotYet what="the settings" error={error} />
  return (
    <div className="sections">
      <section className="card" aria-labelledby="orders-title">
        <h2 id="orders-title">Orders of everybody</h2>
        <Choice
          {...{
            legend: 'Order mode of the app',
            name: 'app-mode',
            options: ['live', 'analyze'] as const,
            value: data.analyze_mode ? 'analyze' : 'live',
          }}
          onChange={(mode) => change.run({ analyze_mode: mode === 'analyze' })}
        />
        <p className="note">
          “analyze” holds for everybody: orders are checked and answered, and nothing is sent to the broker.
        </p>
      </section>
      <section className="card" aria-labelledby="guess-title">
        <h2 id="guess-title">Guessed API keys</h2>
        {change.fault !== undefined && <Notice kind="fault">{change.fault}</Notice>}
        {done && <Notice kind="good">Changed, in every instance.</Notice>}
        <LimitsForm
          key={`${data.api_key_attempts}/${data.ban_minutes}`}
          settings={data}
          onChange={change.run}
        />
      </section>
      <Bans />
    </div>
  )
}

interface LimitsFormProps {
  readonly settings: AppSettings
  readonly onChange: (changes: Partial<AppSettings>) => void
}

function LimitsForm({ settings, onChange }: LimitsFormProps) {
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    onChange({
      api_key_attempts: Number(fields.get('attempts')),
      ban_minutes: Number(fields.get('minutes')),
    })
  }
  return (
    <form className="ticket-row" onSubmit={submit} noValidate>
      <Field id="attempts" label="Wrong keys in an hour" hint="Of one address; then it is banned.">
        {(control) => (
          <input {...control} name="attempts" inputMode="numeric" defaultValue={settings.api_key_attempts} />
        )}
      </Field>
      <Field id="minutes" label="Minutes of a ban">
        {(control) => (
          <input {...control} name="minutes" inputMode="numeric" defaultValue={settings.ban_minutes} />
        )}
      </Field>
      <div>
        <button className="button">Change</button>
      </div>
    </form>
  )
}

function Bans() {
  const { data, error, put } = usePolled<BansAnswer>('/web/admin/bans', 5000)
  const lift = useAction(async (address: string) =>
    put(await post<BansAnswer>('/web/admin/bans/lift', { address })),
  )
  return (
    <section className="card" aria-labelledby="bans-title">
      <h2 id="bans-title">Banned addresses</h2>
      {lift.fault !== undefined && <Notice kind="fault">{lift.fault}</Notice>}
      {data === undefined && <NotYet what="bans" error={error} />}
      {data?.bans.length === 0 && <p className="note">None. Whoever guesses too many keys stands here.</p>}
      <ul className="keys">
        {data?.bans.map(({ address, reason, expiresAtMs }) => (
          <li key={address}>
            <span>
              {address}{' '}
              <span className="sub">
                {reason} · until {moment(expiresAtMs)}
              </span>
            </span>
            <button type="button" className="button button-small" onClick={() => lift.run(address)}>
              Lift<span className="hidden"> the ban of {address}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
