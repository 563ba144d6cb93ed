import type { ReactNode } from 'react'

import { Link } from '../router.tsx'
import { keyOf } from '../search/instrument-text.ts'

export interface Column {
  readonly name: string
  /** Numbers stand on the right; of actions the name is only read out. */
  readonly kind?: 'number' | 'actions'
  readonly className?: string | undefined
}

export function TableHead({ columns }: { readonly columns: readonly Column[] }) {
  return (
    <thead>
      <tr>
        {columns.map((column) => (
          <HeadCell key={column.name} {...column} />
        ))}
      </tr>
    </thead>
  )
}

export function HeadCell({ name, kind, className }: Column) {
  return (
    <th scope="col" className={classesOf(kind === 'number' && 'right', className)}>
      {kind === 'actions' ? <span className="hidden">{name}</span> : name}
    </th>
  )
}

interface InstrumentCellProps {
  /** What the column is called. */
  readonly name: string
  readonly instrument: { readonly symbol: string; readonly exchange: string }
  /** Beside the exchange. */
  readonly more?: string
}

/** An instrument, which opens on the trading desk. */
export function InstrumentCell({ name, instrument, more }: InstrumentCellProps) {
  return (
    <td data-name={name}>
      <Link to={`/?s=${encodeURIComponent(keyOf(instrument))}`} className="symbol">
        {instrument.symbol}
      </Link>
      <span className="sub">{[instrument.exchange, more].filter(Boolean).join(' · ')}</span>
    </td>
  )
}

interface NumberCellProps {
  /** What the column is called, where rows become lists on small screens. */
  readonly name?: string
  readonly className?: string | undefined
  readonly children: ReactNode
}

export function NumberCell({ name, className, children }: NumberCellProps) {
  return (
    <td data-name={name} className={classesOf('right number', className)}>
      {children}
    </td>
  )
}

function classesOf(...names: readonly (string | false | undefined)[]): string | undefined {
  return names.filter(Boolean).join(' ') || undefined
}
