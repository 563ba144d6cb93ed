import { useState } from 'react'

import { post } from '../api/client.ts'
import { usePolled } from '../api/use-polled.ts'
import { useAction } from '../api/use-action.ts'
import { moment } from '../format.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { NotYet } from '../parts/not-yet.tsx'
import { Empty, Notice } from '../parts/parts.tsx'

interface Preferences {
  readonly orders: boolean
  readonly strategies: boolean
}

interface TelegramAnswer {
  /** Whether the app has a bot. */
  readonly available: boolean
  readonly linked: { readonly username: string; readonly linkedAtMs: number } | null
  readonly preferences?: Preferences
}

/** Links a chat to this user, and chooses what it is told. */
export function TelegramView() {
  const { data, error, put } = usePolled<TelegramAnswer>('/web/telegram', 2000)
  const change = useAction(async (path: string, body: object = {}) =>
    put(await post<TelegramAnswer>(`/web/telegram/${path}`, body)),
  )
  if (data === undefined) return <NotYet what="the link to Telegram" error={error} />
  if (!data.available) {
    return (
      <Empty title="The app has no Telegram bot">
        <p>
          Make one with @BotFather in Telegram, set TELEGRAM_BOT_TOKEN to its token, and start the app again.
          Then link your chat here.
        </p>
      </Empty>
    )
  }
  return (
    <section className="card narrow" aria-labelledby="telegram-title">
      <h2 id="telegram-title">Telegram</h2>
      {change.fault !== undefined && <Notice kind="fault">{change.fault}</Notice>}
      {data.linked === null ? (
        <LinkForm />
      ) : (
        <>
          <Notice kind="good">
            Linked{data.linked.username === '' ? '' : ` to @${data.linked.username}`} since{' '}
            {moment(data.linked.linkedAtMs)}. Ask the bot for /status, /positions, /orders or /funds.
          </Notice>
          <PreferenceFields
            preferences={data.preferences ?? { orders: true, strategies: true }}
            onChange={(preferences) => {
              // Shown at once; the next answer of the server says what holds.
              put({ ...data, preferences })
              change.run('preferences', preferences)
            }}
          />
          <button
            type="button"
            className="button"
            disabled={change.busy}
            onClick={() => change.run('unlink')}
          >
            End the link
          </button>
        </>
      )}
    </section>
  )
}

/** Makes a code, which the chat that is to be linked sends to the bot. */
function LinkForm() {
  const [code, setCode] = useState<string>()
  const make = useAction(async () => {
    setCode((await post<{ readonly code: string }>('/web/telegram/code')).code)
  })
  return (
    <>
      {make.fault !== undefined && <Notice kind="fault">{make.fault}</Notice>}
      <p>Make a code and send it to the bot. It is good once, for ten minutes.</p>
      {code !== undefined && (
        <>
          <div className="webhook-line">
            <code className="secret">/link {code}</code>
            <CopyButton text={`/link ${code}`} what="the message for the bot" />
          </div>
          <p className="note" role="status">
            Waiting for your message to the bot…
          </p>
        </>
      )}
      <button type="button" className="button button-main" disabled={make.busy} onClick={make.run}>
        {code === undefined ? 'Make a code' : 'Make another code'}
      </button>
    </>
  )
}

interface PreferenceFieldsProps {
  readonly preferences: Preferences
  readonly onChange: (preferences: Preferences) => void
}

function PreferenceFields({ preferences, onChange }: PreferenceFieldsProps) {
  return (
    <fieldset className="checks">
      <legend>Tell me of</legend>
      <label>
        <input
          type="checkbox"
          checked={preferences.orders}
          onChange={({ target }) => onChange({ ...preferences, orders: target.checked })}
        />
        orders that are complete or rejected
      </label>
      <label>
        <input
          type="checkbox"
          checked={preferences.strategies}
          onChange={({ target }) => onChange({ ...preferences, strategies: target.checked })}
        />
        what strategies and workflows do
      </label>
    </fieldset>
  )
}
