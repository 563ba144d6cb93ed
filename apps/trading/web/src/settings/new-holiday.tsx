import { type FormEvent, useRef } from 'react'

import { post } from '../api/client.ts'
import { useAction } from '../api/use-action.ts'
import { textOf } from '../parts/form-text.ts'
import { Field, Notice } from '../parts/parts.tsx'
import { Select } from '../parts/select.tsx'
import type { HolidaysAnswer } from './calendar-view.tsx'

const exchanges = ['NSE', 'BSE', 'NFO', 'BFO', 'CDS', 'BCD', 'MCX', 'NCO'] as const
const types = {
  TRADING_HOLIDAY: 'Closed for the day',
  SPECIAL_SESSION: 'Special session',
  SETTLEMENT_HOLIDAY: 'No settlement, trading as usual',
} as const

/** A day that differs, for the exchanges that are ticked: closed, or open between two times. */
export function NewHoliday({ onAdded }: { readonly onAdded: (answer: HolidaysAnswer) => void }) {
  const form = useRef<HTMLFormElement>(null)
  const add = useAction(async (body: object) => {
    onAdded(await post<HolidaysAnswer>('/web/admin/holidays', body))
    form.current?.reset()
  })
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    add.run(bodyOf(new FormData(event.currentTarget)))
  }
  return (
    <details>
      <summary>Add a day</summary>
      <form ref={form} className="new-step" onSubmit={submit} noValidate>
        {add.fault !== undefined && <Notice kind="fault">{add.fault}</Notice>}
        <div className="ticket-row">
          <Field id="holiday-date" label="Day">
            {(control) => <input {...control} name="date" type="date" />}
          </Field>
          <Field id="holiday-name" label="What it is">
            {(control) => <input {...control} name="description" autoComplete="off" maxLength={200} />}
          </Field>
          <Select {...{ id: 'holiday-type', label: 'Kind', name: 'type', values: types }} />
        </div>
        <ExchangeFields />
        <div className="ticket-row">
          <Field id="holiday-start" label="Open from" hint="Leave both empty where it is closed all day.">
            {(control) => <input {...control} name="start" type="time" />}
          </Field>
          <Field id="holiday-end" label="Until">
            {(control) => <input {...control} name="end" type="time" />}
          </Field>
        </div>
        <div>
          <button className="button" disabled={add.busy}>
            Add the day
          </button>
        </div>
      </form>
    </details>
  )
}

function ExchangeFields() {
  return (
    <fieldset className="checks checks-inline">
      <legend>For</legend>
      {exchanges.map((exchange) => (
        <label key={exchange}>
          <input
            type="checkbox"
            name="exchange"
            value={exchange}
            defaultChecked={exchange !== 'MCX' && exchange !== 'NCO'}
          />
          {exchange}
        </label>
      ))}
    </fieldset>
  )
}

function bodyOf(fields: FormData): object {
  const text = (name: string): string => textOf(fields, name)
  const chosen = fields.getAll('exchange').filter((value) => typeof value === 'string')
  const [startTime, endTime] = [text('start'), text('end')]
  const isPart = startTime !== '' || endTime !== ''
  return {
    date: text('date'),
    description: text('description'),
    type: text('type'),
    closed: isPart ? [] : chosen,
    open: isPart ? chosen.map((exchange) => ({ exchange, startTime, endTime })) : [],
  }
}
