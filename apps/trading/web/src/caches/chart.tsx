import { useEffect, useRef, useState } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

export interface ChartSeries {
  readonly name: string
  readonly values: readonly (number | null)[]
}

interface ChartProps {
  readonly title: string
  readonly timesMs: readonly number[]
  /** One or two; the second has the stronger colour. */
  readonly series: readonly ChartSeries[]
  readonly format: (value: number) => string
  /** The axis reaches at least so far; fixed where `max` is given as well. */
  readonly max?: number
  readonly scale?: 'linear' | 'log'
}

const height = 150
/** What a single value is shown with; without, it would be days. */
const leastSeconds = 60
const colours = ['--chart-1', '--chart-2'] as const

/**
 * Values over time. The latest ones, or those under the pointer, stand beside the title, so that the picture is never
 * the only way to read them. Make it anew (`key`) when the colours change: a canvas takes them once.
 */
export function Chart({ title, timesMs, series, format, max, scale = 'linear' }: ChartProps) {
  const holder = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const [at, setAt] = useState<number>()
  const place = at ?? timesMs.length - 1
  useEffect(() => {
    const element = holder.current
    if (element === null) return undefined
    const options = optionsOf({ names: series.map(({ name }) => name), format, max, scale, onPoint: setAt })
    const made = new uPlot(
      { ...options, width: element.clientWidth, height },
      [[], ...series.map(() => [])],
      element,
    )
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
    }
  }, [])
  useEffect(() => {
    plot.current?.setData([timesMs.map((ms) => ms / 1000), ...series.map(({ values }) => [...values])])
  }, [timesMs, series])
  const shown = series.map(({ name, values }) => ({ name, value: values[place] ?? undefined }))
  return (
    <figure className="chart">
      <figcaption>
        <span className="chart-title">{title}</span>
        {shown.map(({ name, value }, index) => (
          <span key={name} className="chart-value">
            <span className={`chart-key chart-key-${index + 1}`} aria-hidden="true" /> {name}{' '}
            <span className="number">{value === undefined ? '–' : format(value)}</span>
          </span>
        ))}
      </figcaption>
      <div ref={holder} aria-hidden="true" />
    </figure>
  )
}

interface Plan {
  readonly names: readonly string[]
  readonly format: (value: number) => string
  readonly max: number | undefined
  readonly scale: 'linear' | 'log'
  readonly onPoint: (index: number | undefined) => void
}

function optionsOf({ names, format, max, scale, onPoint }: Plan): Omit<uPlot.Options, 'width' | 'height'> {
  const styles = getComputedStyle(document.documentElement)
  const colour = (name: string): string => resolved(styles.getPropertyValue(name))
  const axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  }
  return {
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? undefined)] },
    scales: {
      x: { time: true, range: (_plot, from, to) => [from === to ? from - leastSeconds : from, to] },
      y: scale === 'log' ? logarithmic : { range: (_plot, _low, high) => [0, max ?? roundUp(high)] },
    },
    axes: [
      {
        ...axis,
        size: 24,
        space: 76,
        values: (_plot, times) => times.map(clockOf((times[1] ?? 0) - (times[0] ?? 0))),
      },
      {
        ...axis,
        ...(scale === 'log' ? { grid: { ...axis.grid, filter: powersOfTen } } : {}),
        size: 56,
        space: 36,
        values: (_plot, values) =>
          values.map((value: number | null) => (value === null ? '' : format(value))),
      },
    ],
    series: [
      {},
      ...names.map((label, index) => {
        const stroke = colour(colours[index] ?? colours[0])
        return {
          label,
          stroke,
          width: 1.75,
          spanGaps: false,
          points: { show: ({ data }: uPlot) => data[0].length === 1 },
        }
      }),
    ],
  }
}

/** A colour as a canvas understands it: custom properties keep `light-dark(…)` as it was written. */
function resolved(colour: string): string {
  const probe = document.createElement('span')
  probe.style.color = colour
  document.body.append(probe)
  const plain = getComputedStyle(probe).color
  probe.remove()
  return plain
}

function roundUp(high: number | null): number {
  return high === null || high <= 0 ? 1 : high * 1.1
}

// oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- the enum is a type only; 3 is its logarithmic scale
const logarithmic: uPlot.Scale = { distr: 3, log: 10 }

/** Lines at the powers of ten are enough. */
function powersOfTen(_plot: uPlot, splits: number[]): (number | null)[] {
  return splits.map((split) => (Number.isInteger(Math.log10(split)) ? split : null))
}

const clocks = [{ second: '2-digit' } as const, {}].map(
  (more) =>
    new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Asia/Kolkata',
      hour: '2-digit',
      minute: '2-digit',
      ...more,
    }),
)

/** With seconds where lines are less than a minute apart. */
function clockOf(stepSeconds: number): (seconds: number) => string {
  const format = clocks[stepSeconds < 60 ? 0 : 1]
  return (seconds) => format?.format(seconds * 1000) ?? ''
}
