import { type ChangeEvent, useState } from 'react'

import { post } from '../api/client.ts'
import { usePolled } from '../api/use-polled.ts'
import { useAction } from '../api/use-action.ts'
import { count } from '../format.ts'
import { NotYet } from '../parts/not-yet.tsx'
import { Choice, Empty, Field, Notice } from '../parts/parts.tsx'

interface FreezeAnswer {
  readonly rows: readonly { readonly symbol: string; readonly quantity: number }[]
}

const exchanges = ['NFO', 'BFO', 'CDS', 'MCX'] as const
const shownAtMost = 100

/** The most that one order may ask for, as the exchange publishes it. */
export function FreezeView() {
  const [exchange, setExchange] = useState<(typeof exchanges)[number]>('NFO')
  const path = `/web/admin/freeze-quantities?exchange=${exchange}`
  const { data, error, refresh } = usePolled<FreezeAnswer>(path, 30_000)
  return (
    <section className="card" aria-labelledby="freeze-title">
      <div className="toolbar">
        <h2 id="freeze-title">Freeze quantities</h2>
        <Choice
          {...{ legend: 'Exchange', name: 'freeze-exchange', className: 'choice-bare', options: exchanges }}
          value={exchange}
          onChange={setExchange}
        />
      </div>
      <p className="note">An order for more is refused before it reaches the broker.</p>
      <Upload key={exchange} exchange={exchange} onDone={refresh} />
      {data === undefined && <NotYet what="quantities" error={error} />}
      {data?.rows.length === 0 && (
        <Empty title={`Nothing is known of ${exchange}`}>
          <p>Orders there are not limited. Choose the exchange’s file above.</p>
        </Empty>
      )}
      {data !== undefined && data.rows.length > 0 && <Quantities rows={data.rows} />}
    </section>
  )
}

/** Takes a file of the exchange in place of what was known. */
function Upload({ exchange, onDone }: { readonly exchange: string; readonly onDone: () => void }) {
  const [done, setDone] = useState<string>()
  const upload = useAction(async (file: File) => {
    setDone(undefined)
    const answer = await post<{ readonly symbols: number }>('/web/admin/freeze-quantities', {
      exchange,
      csv: await file.text(),
    })
    onDone()
    setDone(`${count(answer.symbols)} quantities of ${exchange} hold from now on, in every instance.`)
  })
  const choose = (event: ChangeEvent<HTMLInputElement>): void => {
    const file = event.target.files?.[0]
    event.target.value = ''
    if (file !== undefined) upload.run(file)
  }
  return (
    <>
      <Field
        id="freeze-file"
        label="A newer file"
        hint="NSE’s qtyfreeze.csv, with the columns SYMBOL and VOL_FRZ_QTY."
      >
        {(control) => (
          <input {...control} type="file" accept=".csv,text/csv" onChange={choose} disabled={upload.busy} />
        )}
      </Field>
      {upload.fault !== undefined && <Notice kind="fault">{upload.fault}</Notice>}
      {done !== undefined && <Notice kind="good">{done}</Notice>}
    </>
  )
}

function Quantities({ rows }: FreezeAnswer) {
  const [filter, setFilter] = useState('')
  const found = rows.filter(({ symbol }) => symbol.includes(filter.trim().toUpperCase()))
  return (
    <>
      <Field id="freeze-filter" label="Look for a symbol">
        {(control) => (
          <input
            {...control}
            type="search"
            autoComplete="off"
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
          />
        )}
      </Field>
      <ul className="freeze-list">
        {found.slice(0, shownAtMost).map(({ symbol, quantity }) => (
          <li key={symbol}>
            <span className="symbol">{symbol}</span> <span className="number">{count(quantity)}</span>
          </li>
        ))}
      </ul>
      <p className="note" role="status">
        {found.length > shownAtMost ? `The first ${shownAtMost} of ${count(found.length)}.` : ''}
        {found.length === 0 ? `No symbol holds “${filter.trim()}”.` : ''}
      </p>
    </>
  )
}
