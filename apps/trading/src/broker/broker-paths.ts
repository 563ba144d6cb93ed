/** The paths of the simulated broker's HTTP interface. */
export const brokerPaths = {
  login: '/simulated-broker/login',
  authorize: '/simulated-broker/authorize',
  token: '/session/token',
  master: '/instruments',
  quotes: '/quotes',
  depth: '/depth',
  candles: '/candles',
  orders: '/orders',
  trades: '/trades',
  positions: '/positions',
  holdings: '/holdings',
  funds: '/funds',
  feed: '/feed',
  health: '/health',
} as const
