import { price } from '../format.ts'

interface DayRangeProps {
  readonly low: number
  readonly high: number
  readonly ltp: number
}

/** Where the last price stands between today's low and high. */
export function DayRange({ low, high, ltp }: DayRangeProps) {
  const share = high > low ? (ltp - low) / (high - low) : 0.5
  return (
    <div className="range">
      <span>
        <span className="range-name">Low</span> {price(low)}
      </span>
      <svg
        viewBox="0 0 100 6"
        preserveAspectRatio="none"
        role="img"
        aria-label="Last price within today's range"
      >
        <rect y="2" width="100" height="2" className="range-track" />
        <rect x={Math.min(98, share * 98)} width="2" height="6" className="range-mark" />
      </svg>
      <span>
        <span className="range-name">High</span> {price(high)}
      </span>
    </div>
  )
}
