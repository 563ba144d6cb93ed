import { type FormEvent, useState } from 'react'

import type { ListedInstrument } from '../api/types.ts'
import { textOf } from '../parts/form-text.ts'
import { Field, Notice } from '../parts/parts.tsx'
import { Select } from '../parts/select.tsx'
import { SymbolField } from '../strategies/symbol-field.tsx'
import { stepKinds, type WorkflowStep } from './step-text.ts'

type Kind = WorkflowStep['kind']

const exchanges = ['NSE', 'BSE', 'NFO', 'BFO', 'MCX', 'CDS'] as const
const products = ['MIS', 'NRML', 'CNC'] as const

/** Chooses what a step does, and fills in what that needs. */
export function NewStep({ onAdd }: { readonly onAdd: (step: WorkflowStep) => void }) {
  const [kind, setKind] = useState<Kind>('order')
  const [instrument, setInstrument] = useState<ListedInstrument>()
  const [fault, setFault] = useState<string>()
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const made = stepOf(kind, new FormData(event.currentTarget), instrument)
    setFault(typeof made === 'string' ? made : undefined)
    if (typeof made === 'string') return
    onAdd(made)
    event.currentTarget.reset()
    setInstrument(undefined)
  }
  return (
    <form className="new-step" onSubmit={submit} aria-label="Add a step" noValidate>
      <Select
        {...{ id: 'step-kind', label: 'Next step', values: stepKinds, value: kind }}
        onChange={(next) => setKind(next as Kind)}
      />
      {(kind === 'order' || kind === 'if-price') &&
        (instrument === undefined ? (
          <SymbolField id="step-symbol" label="Instrument" onChoose={setInstrument} />
        ) : (
          <p className="note">
            <span className="symbol">{instrument.symbol}</span> {instrument.exchange}{' '}
            <button type="button" className="button button-small" onClick={() => setInstrument(undefined)}>
              Choose another
            </button>
          </p>
        ))}
      <div className="ticket-row">
        {kind === 'order' && (
          <OrderFields lot={Math.max(1, instrument?.lotSize ?? 1)} key={instrument?.symbol} />
        )}
        {kind === 'if-price' && <PriceFields />}
        {kind === 'if-open' && (
          <Select id="step-exchange" label="Exchange" name="exchange" values={exchanges} />
        )}
        {kind === 'notify' && (
          <Field id="step-text" label="Text" hint="{{price}} is replaced by the field price of the call.">
            {(control) => <input {...control} name="text" autoComplete="off" maxLength={1000} />}
          </Field>
        )}
      </div>
      {fault !== undefined && <Notice kind="fault">{fault}</Notice>}
      <div>
        <button className="button">Add the step</button>
      </div>
    </form>
  )
}

function OrderFields({ lot }: { readonly lot: number }) {
  return (
    <>
      <Select id="step-action" label="Side" name="action" values={['BUY', 'SELL']} />
      <Select id="step-product" label="Product" name="product" values={products} />
      <Field id="step-quantity" label="Quantity" hint={lot > 1 ? `Lots of ${lot}` : undefined}>
        {(control) => (
          <input {...control} name="quantity" inputMode="numeric" autoComplete="off" defaultValue={lot} />
        )}
      </Field>
    </>
  )
}

function PriceFields() {
  return (
    <>
      <Select id="step-is" label="Is" name="is" values={['above', 'below']} />
      <Field id="step-price" label="Price">
        {(control) => <input {...control} name="price" inputMode="decimal" autoComplete="off" />}
      </Field>
    </>
  )
}

/** A step, or what is missing of it. */
function stepOf(
  kind: Kind,
  fields: FormData,
  instrument: ListedInstrument | undefined,
): WorkflowStep | string {
  const text = (name: string): string => textOf(fields, name)
  const place = instrument && { symbol: instrument.symbol, exchange: instrument.exchange }
  switch (kind) {
    case 'if-open':
      return { kind, exchange: text('exchange') }
    case 'close-positions':
      return { kind }
    case 'notify':
      return text('text') === '' ? 'Say what you want to be told.' : { kind, text: text('text') }
    case 'if-price': {
      const price = Number(text('price'))
      if (place === undefined) return 'Choose the instrument first.'
      if (!(price > 0)) return 'Give a price above 0.'
      return { kind, ...place, is: text('is') === 'below' ? 'below' : 'above', price }
    }
    case 'order':
  }
  const quantity = Number(text('quantity'))
  if (place === undefined) return 'Choose the instrument first.'
  if (!Number.isInteger(quantity) || quantity <= 0) return 'Give a whole quantity above 0.'
  const product = products.find((one) => one === text('product')) ?? 'MIS'
  return { kind, ...place, action: text('action'), product, quantity }
}
