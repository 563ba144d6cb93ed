import { useEffect, useState } from 'react'

const kept = 90
const width = 240
const height = 48

/** The prices since the panel was opened. */
export function Sparkline({ value, atMs }: { readonly value: number; readonly atMs: number }) {
  const [values, setValues] = useState<readonly number[]>([])
  useEffect(() => setValues((before) => [...before, value].slice(-kept)), [value, atMs])
  if (values.length < 2) return null
  const low = Math.min(...values)
  const high = Math.max(...values)
  const points = values.map((one, index) => {
    const x = (index / (values.length - 1)) * width
    const y = high === low ? height / 2 : height - 3 - ((one - low) / (high - low)) * (height - 6)
    return `${x.toFixed(1)},${y.toFixed(1)}`
  })
  return (
    <svg
      className="sparkline"
      preserveAspectRatio="none"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label="Price since this was opened"
    >
      <polyline points={points.join(' ')} />
    </svg>
  )
}
