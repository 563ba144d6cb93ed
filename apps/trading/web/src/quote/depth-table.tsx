import type { Tick } from '../feed/price-feed.ts'
import { count, price } from '../format.ts'

/** The five best prices of each side, with bars for how much is there. */
export function DepthTable({ depth }: { readonly depth: NonNullable<Tick['depth']> }) {
  const most = Math.max(1, ...[...depth.buy, ...depth.sell].map(({ quantity }) => quantity))
  const levels = Array.from({ length: Math.max(depth.buy.length, depth.sell.length) }, (_, at) => at)
  return (
    <table className="depth">
      <caption className="hidden">Market depth</caption>
      <thead>
        <tr>
          <th scope="col">Quantity</th>
          <th scope="col">Bid</th>
          <th scope="col">Ask</th>
          <th scope="col">Quantity</th>
        </tr>
      </thead>
      <tbody>
        {levels.map((at) => {
          const [bid, ask] = [depth.buy[at], depth.sell[at]]
          return (
            <tr key={at}>
              <td className="number">
                <Bar share={(bid?.quantity ?? 0) / most} side="buy" />
                {bid === undefined ? '' : count(bid.quantity)}
              </td>
              <td className="number up">{bid === undefined ? '' : price(bid.price)}</td>
              <td className="number down">{ask === undefined ? '' : price(ask.price)}</td>
              <td className="number">
                <Bar share={(ask?.quantity ?? 0) / most} side="sell" />
                {ask === undefined ? '' : count(ask.quantity)}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

function Bar({ share, side }: { readonly share: number; readonly side: 'buy' | 'sell' }) {
  return (
    <span className={`depth-bar depth-${side}`} style={{ width: `${share * 100}%` }} aria-hidden="true" />
  )
}
