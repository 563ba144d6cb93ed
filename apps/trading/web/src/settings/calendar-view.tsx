import { type FormEvent, useState } from 'react'

import { post } from '../api/client.ts'
import { usePolled } from '../api/use-polled.ts'
import { useAction } from '../api/use-action.ts'
import { textOf } from '../parts/form-text.ts'
import { NotYet } from '../parts/not-yet.tsx'
import { Field, Notice } from '../parts/parts.tsx'
import { NewHoliday } from './new-holiday.tsx'

interface Hours {
  readonly exchange: string
  readonly startTime: string
  readonly endTime: string
}

export interface Holiday {
  readonly date: string
  readonly description: string
  readonly type: string
  readonly closed: readonly string[]
  readonly open: readonly Hours[]
}

export interface HolidaysAnswer {
  readonly holidays: readonly Holiday[]
}

const kinds: Readonly<Record<string, string>> = {
  TRADING_HOLIDAY: 'closed',
  SETTLEMENT_HOLIDAY: 'no settlement',
  SPECIAL_SESSION: 'special session',
}

const thisYear = new Date().getFullYear()

/** Days that differ from the usual week, and the usual hours. A change reaches every instance within the caches' bound. */
export function CalendarView() {
  const [year, setYear] = useState(thisYear)
  const { data, error, put } = usePolled<HolidaysAnswer>(`/web/admin/holidays?year=${year}`, 30_000)
  const remove = useAction(async (date: string) =>
    put(await post<HolidaysAnswer>('/web/admin/holidays/remove', { date })),
  )
  return (
    <>
      <section className="card" aria-labelledby="days-title">
        <div className="toolbar">
          <h2 id="days-title">Holidays and special sessions of {year}</h2>
          <div className="row-actions">
            <button type="button" className="button button-small" onClick={() => setYear(year - 1)}>
              ← {year - 1}
            </button>
            <button type="button" className="button button-small" onClick={() => setYear(year + 1)}>
              {year + 1} →
            </button>
          </div>
        </div>
        {remove.fault !== undefined && <Notice kind="fault">{remove.fault}</Notice>}
        {data === undefined && <NotYet what="the calendar" error={error} />}
        {data?.holidays.length === 0 && (
          <p className="note" role="status">
            Nothing is known of {year}: every weekday has its usual hours. Add the exchange’s holidays below.
          </p>
        )}
        {data !== undefined && data.holidays.length > 0 && (
          <HolidayTable holidays={data.holidays} onRemove={remove.run} />
        )}
        <NewHoliday onAdded={put} />
      </section>
      <UsualHours />
    </>
  )
}

interface HolidayTableProps {
  readonly holidays: readonly Holiday[]
  readonly onRemove: (date: string) => void
}

function HolidayTable({ holidays, onRemove }: HolidayTableProps) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Day</th>
          <th scope="col">What</th>
          <th scope="col">Closed</th>
          <th scope="col">Open for a part</th>
          <th scope="col">
            <span className="hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {holidays.map(({ date, description, type, closed, open }) => (
          <tr key={date}>
            <td data-name="Day" className="number">
              {date}
            </td>
            <td data-name="What">
              {description}
              <span className="sub">{kinds[type] ?? type}</span>
            </td>
            <td data-name="Closed">{closed.join(', ') || '–'}</td>
            <td data-name="Open for a part">
              {open.length === 0
                ? '–'
                : open.map((one) => `${one.exchange} ${one.startTime}–${one.endTime}`).join(', ')}
            </td>
            <td className="right">
              <button type="button" className="button button-small" onClick={() => onRemove(date)}>
                Remove<span className="hidden"> {date}</span>
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function UsualHours() {
  const { data, error, put } = usePolled<{ readonly hours: readonly Hours[] }>('/web/admin/timings', 30_000)
  const change = useAction(async (hours: Hours) => put(await post('/web/admin/timings', hours)))
  return (
    <section className="card" aria-labelledby="hours-title">
      <h2 id="hours-title">Usual hours, IST</h2>
      {change.fault !== undefined && <Notice kind="fault">{change.fault}</Notice>}
      {data === undefined && <NotYet what="the hours" error={error} />}
      <div className="hours-grid">
        {data?.hours.map((hours) => (
          <HoursForm key={Object.values(hours).join('/')} hours={hours} onChange={change.run} />
        ))}
      </div>
    </section>
  )
}

function HoursForm({
  hours,
  onChange,
}: {
  readonly hours: Hours
  readonly onChange: (hours: Hours) => void
}) {
  const { exchange, startTime, endTime } = hours
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    onChange({ exchange, startTime: textOf(fields, 'start'), endTime: textOf(fields, 'end') })
  }
  return (
    <form className="hours" onSubmit={submit} aria-label={`Hours of ${exchange}`}>
      <strong>{exchange}</strong>
      <Field id={`${exchange}-start`} label="Opens">
        {(control) => <input {...control} name="start" type="time" defaultValue={startTime} required />}
      </Field>
      <Field id={`${exchange}-end`} label="Closes">
        {(control) => <input {...control} name="end" type="time" defaultValue={endTime} required />}
      </Field>
      <button className="button button-small">
        Set<span className="hidden"> the hours of {exchange}</span>
      </button>
    </form>
  )
}
