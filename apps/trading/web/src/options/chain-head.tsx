import { quoteWith, useTick } from '../feed/use-feed.ts'
import { direction, price, signed } from '../format.ts'
import { Link } from '../router.tsx'
import { keyOf } from '../search/instrument-text.ts'
import type { Chain } from './use-chain.ts'

/** The underlying's own price above its options. */
export function ChainHead({ chain }: { readonly chain: Chain }) {
  const { quote: first, expiry, atTheMoney } = chain
  const quote = quoteWith(first, useTick(keyOf(first))) ?? first
  const change = quote.ltp - quote.prevClose
  return (
    <p className="chain-head">
      <Link to={`/?s=${encodeURIComponent(keyOf(first))}`} className="symbol">
        {first.symbol}
      </Link>
      <strong className="number" data-testid="underlying-price">
        {price(quote.ltp)}
      </strong>
      <span className={`number ${direction(change)}`}>
        {signed(change)} ({signed(quote.prevClose === 0 ? 0 : (change / quote.prevClose) * 100)} %)
      </span>
      <span className="muted">
        expires {expiry}, at the money {atTheMoney}
      </span>
    </p>
  )
}
