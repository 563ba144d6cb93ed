import { type KeyboardEvent, useMemo } from 'react'

import type { Quote } from '../api/types.ts'
import { quoteWith, useQuotes, useTick } from '../feed/use-feed.ts'
import { direction, price, short, signed } from '../format.ts'
import { type Column, HeadCell, NumberCell } from '../parts/table.tsx'
import { Link } from '../router.tsx'
import { keyOf } from '../search/instrument-text.ts'
import type { Chain, ChainRow, Leg } from './use-chain.ts'

/** Of a call, from the outside to the middle; of a put the other way round. */
const legColumns: readonly Column[] = [
  { name: 'OI', kind: 'number', className: 'chain-more' },
  { name: 'Volume', kind: 'number', className: 'chain-more' },
  { name: 'Change', kind: 'number' },
  { name: 'Price', kind: 'number' },
]

/** Calls on the left, puts on the right, the money in the middle. Arrow keys move between prices, Enter opens one. */
export function ChainTable({ chain }: { readonly chain: Chain }) {
  const keys = useMemo(
    () =>
      chain.rows.flatMap(({ ce, pe }) => [ce, pe].flatMap((leg) => (leg === undefined ? [] : [keyOf(leg)]))),
    [chain],
  )
  const quotes = useQuotes(keys)
  return (
    <table className="table chain" onKeyDown={move}>
      <caption className="hidden">
        Options of {chain.underlying} that expire {chain.expiry}
      </caption>
      <ChainHeader />
      <tbody>
        {chain.rows.map((row) => (
          <Row key={row.strike} {...{ row, quotes }} money={chain.atTheMoney} />
        ))}
      </tbody>
    </table>
  )
}

function ChainHeader() {
  return (
    <thead>
      <tr>
        <th scope="colgroup" colSpan={2} className="chain-more">
          <span className="hidden">Calls</span>
        </th>
        <th scope="colgroup" colSpan={2} className="right">
          Calls
        </th>
        <th scope="col" rowSpan={2} className="chain-strike">
          Strike
        </th>
        <th scope="colgroup" colSpan={2}>
          Puts
        </th>
        <th scope="colgroup" colSpan={2} className="chain-more">
          <span className="hidden">Puts</span>
        </th>
      </tr>
      <tr>
        {[...legColumns, ...legColumns.toReversed()].map((column, at) => (
          <HeadCell key={`${column.name}/${at}`} {...column} />
        ))}
      </tr>
    </thead>
  )
}

interface RowProps {
  readonly row: ChainRow
  readonly money: number
  readonly quotes: ReadonlyMap<string, Quote>
}

function Row({ row, money, quotes }: RowProps) {
  const { strike, ce, pe } = row
  return (
    <tr data-money={strike === money ? 'at' : strike < money ? 'below' : 'above'}>
      <LegCells leg={ce} side="call" quotes={quotes} />
      <th scope="row" className="chain-strike number">
        {strike}
        {strike === money && <span className="hidden"> at the money</span>}
      </th>
      <LegCells leg={pe} side="put" quotes={quotes} />
    </tr>
  )
}

interface LegProps {
  readonly leg: Leg | undefined
  readonly side: 'call' | 'put'
  readonly quotes: RowProps['quotes']
}

function LegCells({ leg, side, quotes }: LegProps) {
  const key = leg && keyOf(leg)
  const tick = useTick(key)
  const quote = quoteWith(key === undefined ? undefined : quotes.get(key), tick)
  const change = quote === undefined || quote.prevClose === 0 ? 0 : (quote.ltp / quote.prevClose - 1) * 100
  const known = (text: (quote: Quote) => string): string => (quote === undefined ? '–' : text(quote))
  const cells = [
    <NumberCell key="oi" className="chain-more">
      {known(({ oi }) => short(oi))}
    </NumberCell>,
    <NumberCell key="volume" className="chain-more">
      {known(({ volume }) => short(volume))}
    </NumberCell>,
    <NumberCell key="change" className={direction(change)}>
      {known(() => `${signed(change, 1)} %`)}
    </NumberCell>,
    <NumberCell key="price" className="chain-price">
      {leg === undefined ? (
        '–'
      ) : (
        <Link to={`/?s=${encodeURIComponent(keyOf(leg))}`} data-cell={side} aria-label={leg.symbol}>
          {known(({ ltp }) => price(ltp))}
        </Link>
      )}
    </NumberCell>,
  ]
  return side === 'call' ? cells : cells.toReversed()
}

/** To the price beside, above or below. */
function move(event: KeyboardEvent<HTMLTableElement>): void {
  const cell = event.target instanceof HTMLElement ? event.target.dataset['cell'] : undefined
  if (cell === undefined || !(event.target instanceof HTMLElement)) return
  const row = event.target.closest('tr')
  const beside = { ArrowLeft: 'call', ArrowRight: 'put' }[event.key]
  const to = { ArrowUp: row?.previousElementSibling, ArrowDown: row?.nextElementSibling }[event.key] ?? row
  const next = to?.querySelector<HTMLElement>(`[data-cell=${beside ?? cell}]`)
  if (!event.key.startsWith('Arrow') || next == null) return
  next.focus()
  event.preventDefault()
}
