import { type FormEvent, useState } from 'react'

import { post } from '../api/client.ts'
import type { ListedInstrument, UserSettings } from '../api/types.ts'
import { useAction } from '../api/use-action.ts'
import { textOf } from '../parts/form-text.ts'
import { Field, Notice } from '../parts/parts.tsx'
import { keyOf } from '../search/instrument-text.ts'
import { useSignedIn } from '../session/session.tsx'
import { productsFor } from '../ticket/ticket.ts'
import { SymbolField } from './symbol-field.tsx'

interface NewStrategyProps {
  readonly onMade: () => void
  readonly onClose: () => void
}

interface ChosenSymbol {
  readonly instrument: ListedInstrument
  readonly product: UserSettings['product']
  readonly quantity: string
}

/** A name, what it trades, and when it ends a position by itself. */
export function NewStrategy({ onMade, onClose }: NewStrategyProps) {
  const { settings } = useSignedIn()
  const [symbols, setSymbols] = useState<readonly ChosenSymbol[]>([])
  const make = useAction(async (fields: FormData) => {
    await post('/web/strategies', bodyOf(fields, symbols))
    onMade()
    onClose()
  })
  const add = (instrument: ListedInstrument): void => {
    const products = productsFor(instrument)
    const product = products.find((one) => one === settings.product) ?? 'MIS'
    const others = symbols.filter((one) => keyOf(one.instrument) !== keyOf(instrument))
    setSymbols([...others, { instrument, product, quantity: String(Math.max(1, instrument.lotSize)) }])
  }
  const edit = (at: number, changes: Partial<ChosenSymbol>): void =>
    setSymbols(symbols.map((one, index) => (index === at ? Object.assign({}, one, changes) : one)))
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    make.run(new FormData(event.currentTarget))
  }
  return (
    <form className="card" onSubmit={submit} aria-labelledby="new-strategy" noValidate>
      <h2 id="new-strategy">A new strategy</h2>
      {make.fault !== undefined && <Notice kind="fault">{make.fault}</Notice>}
      <Field id="strategy-name" label="Name">
        {(control) => <input {...control} name="name" autoComplete="off" maxLength={64} autoFocus />}
      </Field>
      <SymbolField id="strategy-symbol" label="Add what it trades" onChoose={add} />
      <ul className="chosen-symbols" aria-label="What it trades">
        {symbols.map((symbol, at) => (
          <ChosenRow
            key={keyOf(symbol.instrument)}
            symbol={symbol}
            onEdit={(changes) => edit(at, changes)}
            onRemove={() => setSymbols(symbols.toSpliced(at, 1))}
          />
        ))}
      </ul>
      <RuleFields />
      <div className="dialog-end">
        <button type="button" className="button" onClick={onClose}>
          Don’t make it
        </button>
        <button className="button button-main" disabled={make.busy || symbols.length === 0}>
          Make the strategy
        </button>
      </div>
    </form>
  )
}

interface ChosenRowProps {
  readonly symbol: ChosenSymbol
  readonly onEdit: (changes: Partial<ChosenSymbol>) => void
  readonly onRemove: () => void
}

function ChosenRow({ symbol: { instrument, product, quantity }, onEdit, onRemove }: ChosenRowProps) {
  const { symbol } = instrument
  return (
    <li>
      <span className="symbol">{symbol}</span>
      <input
        aria-label={`Quantity of ${symbol}`}
        inputMode="numeric"
        value={quantity}
        onChange={(event) => onEdit({ quantity: event.target.value })}
      />
      <select
        aria-label={`Product of ${symbol}`}
        value={product}
        onChange={({ target }) => onEdit({ product: target.value as ChosenSymbol['product'] })}
      >
        {productsFor(instrument).map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
      <button type="button" className="row-button" aria-label={`Leave ${symbol} out`} onClick={onRemove}>
        <span aria-hidden="true">×</span>
      </button>
    </li>
  )
}

function RuleFields() {
  return (
    <fieldset className="rules">
      <legend>Ends its position by itself (each is optional)</legend>
      <div className="ticket-row">
        <Field id="stop" label="At a loss of, %">
          {(control) => <input {...control} name="stopLossPercent" inputMode="decimal" autoComplete="off" />}
        </Field>
        <Field id="target" label="At a gain of, %">
          {(control) => <input {...control} name="targetPercent" inputMode="decimal" autoComplete="off" />}
        </Field>
        <Field id="exit-at" label="At a time, IST">
          {(control) => <input {...control} name="exitAt" type="time" />}
        </Field>
        <Field id="exit-days" label="So many days later">
          {(control) => <input {...control} name="exitAfterDays" inputMode="numeric" autoComplete="off" />}
        </Field>
      </div>
    </fieldset>
  )
}

function bodyOf(fields: FormData, symbols: readonly ChosenSymbol[]): object {
  const text = (name: string): string => textOf(fields, name)
  const number = (name: string): object => (text(name) === '' ? {} : { [name]: Number(text(name)) })
  return {
    name: text('name'),
    symbols: symbols.map(({ instrument: { symbol, exchange }, product, quantity }) => {
      return { symbol, exchange, product, quantity: Number(quantity) }
    }),
    rules: {
      ...number('stopLossPercent'),
      ...number('targetPercent'),
      ...number('exitAfterDays'),
      ...(text('exitAt') === '' ? {} : { exitAt: text('exitAt') }),
    },
  }
}
