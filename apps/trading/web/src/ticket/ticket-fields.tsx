import type { ListedInstrument } from '../api/types.ts'
import { Field } from '../parts/parts.tsx'
import { needsPrice, needsTrigger, type Ticket } from './ticket.ts'

interface TicketFieldsProps {
  readonly ticket: Ticket
  readonly instrument: ListedInstrument
  readonly edit: (changes: Partial<Ticket>) => void
}

/** Quantity, and the prices that the kind of order needs. */
export function TicketFields({ ticket, instrument, edit }: TicketFieldsProps) {
  const step = instrument.tickSize > 0 ? instrument.tickSize : 0.05
  return (
    <div className="ticket-row">
      <QuantityField {...{ ticket, instrument, edit }} />
      {needsPrice(ticket) && (
        <Field id="price" label="Price" hint={`Steps of ${step}`}>
          {(control) => (
            <input
              {...control}
              inputMode="decimal"
              autoComplete="off"
              value={ticket.price}
              onChange={(event) => edit({ price: event.target.value })}
            />
          )}
        </Field>
      )}
      {needsTrigger(ticket) && (
        <Field id="trigger" label="Trigger price" hint={`Steps of ${step}`}>
          {(control) => (
            <input
              {...control}
              inputMode="decimal"
              autoComplete="off"
              value={ticket.triggerPrice}
              onChange={(event) => edit({ triggerPrice: event.target.value })}
            />
          )}
        </Field>
      )}
    </div>
  )
}

function QuantityField({ ticket, instrument, edit }: TicketFieldsProps) {
  const lot = Math.max(1, instrument.lotSize)
  const quantity = Number(ticket.quantity)
  const step = (lots: number): void => {
    const whole = Number.isFinite(quantity) ? Math.round(quantity / lot) : 0
    edit({ quantity: String(Math.max(1, whole + lots) * lot) })
  }
  const lots = quantity > 0 && quantity % lot === 0 ? `${quantity / lot} × ${lot}` : `Lots of ${lot}`
  return (
    <Field id="quantity" label="Quantity" hint={lot > 1 ? lots : 'Single units'}>
      {(control) => (
        <div className="stepper">
          <button type="button" aria-label="One lot less" onClick={() => step(-1)}>
            −
          </button>
          <input
            {...control}
            inputMode="numeric"
            autoComplete="off"
            value={ticket.quantity}
            onChange={(event) => edit({ quantity: event.target.value })}
          />
          <button type="button" aria-label="One lot more" onClick={() => step(1)}>
            +
          </button>
        </div>
      )}
    </Field>
  )
}
