import { type FormEvent, useState } from 'react'

import { post } from '../api/client.ts'
import type { Order } from '../api/types.ts'
import { useAction } from '../api/use-action.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Choice, Field, Notice } from '../parts/parts.tsx'
import { needsPrice, needsTrigger, priceTypes, type Ticket } from '../ticket/ticket.ts'

interface ModifyOrderProps {
  readonly order: Order
  readonly onDone: () => void
  readonly onClose: () => void
}

type Change = Pick<Ticket, 'priceType' | 'quantity' | 'price' | 'triggerPrice'>

function changeOf({ priceType, quantity, price, triggerPrice }: Order): Change {
  return { priceType, quantity: String(quantity), price: textOf(price), triggerPrice: textOf(triggerPrice) }
}

/** Changes quantity, type and prices of an order that waits. */
export function ModifyOrder({ order, onDone, onClose }: ModifyOrderProps) {
  const { orderId, symbol, exchange, action, product } = order
  const [ticket, setTicket] = useState(() => changeOf(order))
  const edit = (changes: Partial<Change>): void => setTicket((before) => ({ ...before, ...changes }))
  const send = useAction(async () => {
    await post(`/web/orders/${orderId}/modify`, {
      symbol,
      exchange,
      action,
      product,
      quantity: ticket.quantity,
      pricetype: ticket.priceType,
      price: needsPrice(ticket) ? ticket.price || 0 : 0,
      trigger_price: needsTrigger(ticket) ? ticket.triggerPrice || 0 : 0,
    })
    onDone()
    onClose()
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    send.run()
  }
  return (
    <Dialog title={`Change the order for ${symbol}`} onClose={onClose}>
      <form className="dialog-form" onSubmit={submit} noValidate>
        {send.fault !== undefined && <Notice kind="fault">{send.fault}</Notice>}
        <ChangeFields {...{ ticket, edit }} />
        <div className="dialog-end">
          <button type="button" className="button" onClick={onClose}>
            Keep as it is
          </button>
          <button className="button button-main" disabled={send.busy}>
            {send.busy ? 'Sending…' : 'Change the order'}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

interface ChangeFieldsProps {
  readonly ticket: Change
  readonly edit: (changes: Partial<Change>) => void
}

function ChangeFields({ ticket, edit }: ChangeFieldsProps) {
  return (
    <>
      <Choice
        {...{ legend: 'Order type', name: 'modify-type', options: priceTypes, value: ticket.priceType }}
        onChange={(priceType) => edit({ priceType })}
      />
      <Amount
        id="modify-quantity"
        label="Quantity"
        value={ticket.quantity}
        onChange={(quantity) => edit({ quantity })}
      />
      {needsPrice(ticket) && (
        <Amount id="modify-price" label="Price" value={ticket.price} onChange={(price) => edit({ price })} />
      )}
      {needsTrigger(ticket) && (
        <Amount
          id="modify-trigger"
          label="Trigger price"
          value={ticket.triggerPrice}
          onChange={(triggerPrice) => edit({ triggerPrice })}
        />
      )}
    </>
  )
}

interface AmountProps {
  readonly id: string
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
}

function Amount({ id, label, value, onChange }: AmountProps) {
  return (
    <Field id={id} label={label}>
      {(control) => (
        <input
          {...control}
          inputMode="decimal"
          autoComplete="off"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}

function textOf(amount: number): string {
  return amount > 0 ? String(amount) : ''
}
