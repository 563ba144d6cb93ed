import { type ReactNode, useState } from 'react'

import { useMasterStatus } from '../api/use-events.ts'
import { Loading } from '../parts/loading.tsx'
import { NotYet } from '../parts/not-yet.tsx'
import { Choice, Empty } from '../parts/parts.tsx'
import { Select } from '../parts/select.tsx'
import { Unavailable } from '../parts/unavailable.tsx'
import { Link, navigate, useAddress } from '../router.tsx'
import { ChainHead } from './chain-head.tsx'
import { ChainTable } from './chain-table.tsx'
import { useChain, useExpiries, useUnderlyings } from './use-chain.ts'

/** Exchanges that have options, the most used first. */
const optionExchanges = ['NFO', 'BFO', 'MCX', 'CDS', 'BCD', 'NCO', 'CRYPTO']
const usual = ['NIFTY', 'SENSEX', 'CRUDEOIL', 'USDINR', 'BTC']
const around = ['5', '10', '20'] as const

/** The options of an underlying around its price. */
export function OptionsPage() {
  const master = useMasterStatus()
  if (master === undefined) return <Loading what="the option chain" />
  const exchanges = optionExchanges.filter((exchange) => exchange in master.countByExchange)
  const [first] = exchanges
  if (first === undefined) {
    return (
      <Page>
        <Empty title="There are no options yet">
          <p>They come with the instrument master, which the broker publishes every trading day.</p>
          <Link to="/connections">Download the master</Link>
        </Empty>
      </Page>
    )
  }
  return <Chosen exchanges={exchanges} first={first} />
}

function Page({ children }: { readonly children: ReactNode }) {
  return (
    <>
      <h1>Option chain</h1>
      {children}
    </>
  )
}

/** What is shown stands in the address, so that it can be kept and sent. */
function Chosen({ exchanges, first }: { readonly exchanges: readonly string[]; readonly first: string }) {
  const { searchParams } = useAddress()
  const [count, setCount] = useState<(typeof around)[number]>('10')
  const asked = searchParams.get('exchange') ?? ''
  const exchange = exchanges.includes(asked) ? asked : first
  const underlyings = useUnderlyings(exchange)
  const names = underlyings.data ?? []
  const underlying = chosenOf(names, searchParams.get('underlying'), usual)
  const expiries = useExpiries(exchange, underlying)
  const expiry = chosenOf(expiries.data ?? [], searchParams.get('expiry'))
  const choose = (changes: Readonly<Record<string, string>>): void => {
    const next = new URLSearchParams({ exchange, ...(underlying && { underlying }), ...changes })
    navigate(`/options?${next.toString()}`, { replace: true })
  }
  const error = underlyings.error ?? expiries.error
  return (
    <Page>
      <div className="chain-controls">
        <Select
          {...{ id: 'chain-exchange', label: 'Exchange', values: exchanges, value: exchange }}
          onChange={(next) => navigate(`/options?exchange=${next}`, { replace: true })}
        />
        <Select
          {...{ id: 'chain-underlying', label: 'Underlying', values: names, value: underlying }}
          onChange={(next) => choose({ underlying: next })}
        />
        <Select
          {...{ id: 'chain-expiry', label: 'Expiry', values: expiries.data ?? [], value: expiry }}
          onChange={(next) => choose({ expiry: next })}
        />
        <Choice
          {...{ legend: 'Strikes each side', name: 'around', options: around, value: count }}
          onChange={setCount}
        />
      </div>
      {error !== undefined && <Unavailable error={error} />}
      {expiries.data?.length === 0 && (
        <Empty title={`${underlying} has no options that can still be traded`}>
          <p>All of them in this master have expired. A newer master brings the later ones.</p>
          <Link to="/connections">Download a newer master</Link>
        </Empty>
      )}
      {underlying !== undefined && expiry !== undefined && (
        <ChainView
          key={`${exchange}/${underlying}/${expiry}/${count}`}
          {...{ exchange, underlying, expiry }}
          around={Number(count)}
        />
      )}
    </Page>
  )
}

interface ChainViewProps {
  readonly exchange: string
  readonly underlying: string
  readonly expiry: string
  readonly around: number
}

function ChainView(props: ChainViewProps) {
  const { data, error } = useChain(props.exchange, props.underlying, props.expiry, props.around)
  if (data === undefined) return <NotYet what="strikes" error={error} />
  return (
    <>
      <ChainHead chain={data} />
      <ChainTable chain={data} />
    </>
  )
}

/** What the address asks for, where it is there; else the first usual one, else the first. */
function chosenOf(
  values: readonly string[],
  asked: string | null,
  preferred: readonly string[] = [],
): string | undefined {
  if (asked !== null && values.includes(asked)) return asked
  return preferred.find((one) => values.includes(one)) ?? values[0]
}
