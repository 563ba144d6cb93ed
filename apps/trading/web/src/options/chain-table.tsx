import { type KeyboardEvent, useMemo } from 'react'

import type { Quote } from '../api/types.ts'
import { quoteWith, useQuotes, useTick } from '../feed/use-feed.ts'
import { direction, price, short, signed } from '../format.ts'
import { Link } from '../router.tsx'
import { keyOf } from '../search/instrument-text.ts'
import type { Chain, ChainRow, Leg } from './use-chain.ts'

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
        <th scope="col" className="right chain-more">
          OI
        </th>
        <th scope="col" className="right chain-more">
          Volume
        </th>
        <th scope="col" className="right">
          Change
        </th>
        <th scope="col" className="right">
          Price
        </th>
        <th scope="col" className="right">
          Price
        </th>
        <th scope="col" className="right">
          Change
        </th>
        <th scope="col" className="right chain-more">
          Volume
        </th>
        <th scope="col" className="right chain-more">
          OI
        </th>
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
  const cells = [
    <td key="oi" className="right number chain-more">
      {quote === undefined ? '–' : short(quote.oi)}
    </td>,
    <td key="volume" className="right number chain-more">
      {quote === undefined ? '–' : short(quote.volume)}
    </td>,
    <td key="change" className={`right number ${direction(change)}`}>
      {quote === undefined ? '–' : `${signed(change, 1)} %`}
    </td>,
    <td key="price" className="right number chain-price">
      {leg === undefined ? (
        '–'
      ) : (
        <Link to={`/?s=${encodeURIComponent(keyOf(leg))}`} data-cell={side} aria-label={leg.symbol}>
          {quote === undefined ? '–' : price(quote.ltp)}
        </Link>
      )}
    </td>,
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
