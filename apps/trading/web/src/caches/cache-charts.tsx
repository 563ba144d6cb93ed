import { useMemo, useState } from 'react'

import { bytes, milliseconds, rate } from '../format.ts'
import { Loading } from '../parts/loading.tsx'
import { Choice } from '../parts/parts.tsx'
import { useTheme } from '../parts/use-theme.ts'
import { Chart } from './chart.tsx'
import { useConsole } from './use-console.ts'

interface Samples {
  readonly stepMs: number
  readonly timesMs: readonly number[]
  readonly reads: readonly (number | null)[]
  readonly hits: readonly (number | null)[]
  readonly localHits: readonly (number | null)[]
  readonly loads: readonly (number | null)[]
  readonly localBytes: readonly (number | null)[]
  readonly storeP50Ms: readonly (number | null)[]
  readonly storeP99Ms: readonly (number | null)[]
  readonly loadP50Ms: readonly (number | null)[]
  readonly loadP99Ms: readonly (number | null)[]
}

const ranges = { 'A quarter of an hour': '15m', 'A day': '24h' } as const

type RangeName = keyof typeof ranges

/** Of one cache, or of all together: how it did lately. */
export function CacheCharts({ cache }: { readonly cache: string | undefined }) {
  const [range, setRange] = useState<RangeName>('A quarter of an hour')
  const query = new URLSearchParams({ range: ranges[range], cache: cache ?? '*' })
  const { data, error } = useConsole<Samples>(`/web/caches/samples?${query.toString()}`, 5000)
  return (
    <section className="card" aria-label="Over time">
      <div className="toolbar">
        <h2>{cache ?? 'All caches'} over time</h2>
        <Choice
          {...{ legend: 'How far back', name: 'range', className: 'choice-bare', value: range }}
          options={Object.keys(ranges) as RangeName[]}
          onChange={setRange}
        />
      </div>
      {data === undefined && error === undefined && <Loading what="measurements" />}
      {(error !== undefined || data?.timesMs.length === 0) && (
        <p className="note" role="status">
          {range === 'A day'
            ? 'The first measurement of the day’s chart comes five minutes after the start.'
            : 'Nothing was measured yet; the first measurement comes within five seconds of the first use.'}
        </p>
      )}
      {data !== undefined && data.timesMs.length > 0 && <Charts key={`${cache}/${range}`} samples={data} />}
    </section>
  )
}

function Charts({ samples }: { readonly samples: Samples }) {
  const theme = useTheme()
  const { timesMs, stepMs, reads, hits, localHits, loads } = samples
  const shares = useMemo(
    () => [
      { name: 'memory', values: shareOf(localHits, reads) },
      { name: 'any tier', values: shareOf(hits, reads) },
    ],
    [localHits, hits, reads],
  )
  const rates = useMemo(
    () => [
      { name: 'loads', values: perSecond(loads, stepMs) },
      { name: 'reads', values: perSecond(reads, stepMs) },
    ],
    [loads, reads, stepMs],
  )
  const store = useMemo(
    () => [
      { name: 'median', values: samples.storeP50Ms },
      { name: '99 %', values: samples.storeP99Ms },
    ],
    [samples],
  )
  const load = useMemo(
    () => [
      { name: 'median', values: samples.loadP50Ms },
      { name: '99 %', values: samples.loadP99Ms },
    ],
    [samples],
  )
  const memory = useMemo(() => [{ name: 'in use', values: samples.localBytes }], [samples])
  return (
    <div className="charts" key={theme}>
      <Chart title="Hit rate" {...{ timesMs, series: shares, format: percentText, max: 1 }} />
      <Chart title="Calls a second" {...{ timesMs, series: rates, format: rate }} />
      <Chart title="Store" {...{ timesMs, series: store, format: milliseconds, scale: 'log' }} />
      <Chart title="Loads" {...{ timesMs, series: load, format: milliseconds, scale: 'log' }} />
      <Chart title="Memory" {...{ timesMs, series: memory, format: bytes }} />
    </div>
  )
}

function shareOf(parts: Samples['reads'], wholes: Samples['reads']): (number | null)[] {
  return parts.map((part, index) => {
    const whole = wholes[index]
    return part === null || whole == null || whole === 0 ? null : part / whole
  })
}

function perSecond(counts: Samples['reads'], stepMs: number): (number | null)[] {
  return counts.map((count) => (count === null ? null : (count * 1000) / stepMs))
}

function percentText(share: number): string {
  return `${Math.round(share * 100)} %`
}
