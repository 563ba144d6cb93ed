/** The shapes of the values, as the cache guide has them; give your own to `tradingCaches<MyValues>()`. */
export interface TradingValues {
  readonly profile: { readonly userId: string; readonly email?: string; readonly name?: string }
  readonly settings: Readonly<Record<string, unknown>>
  readonly session: { readonly userId: string; readonly token?: string }
  readonly token: { readonly value: string; readonly expiresAt?: string }
  readonly oauthState: { readonly brokerId: string; readonly redirectUrl?: string }
  readonly brokerHealth: { readonly healthy: boolean; readonly latencyMs: number; readonly lastCheck: string }
  readonly connection: { readonly brokerId: string; readonly userId: string; readonly connected: boolean }
  readonly credentials: Readonly<Record<string, string>>
  readonly virtualAccounts: readonly {
    readonly id: string
    readonly name: string
    readonly balance: number
  }[]
  readonly balance: { readonly cash: number; readonly equity: number; readonly buyingPower?: number }
  readonly order: { readonly orderId: string; readonly status: string; readonly filledAt?: string }
  readonly positions: readonly {
    readonly symbol: string
    readonly quantity: number
    readonly averagePrice: number
  }[]
  readonly quote: {
    readonly symbol: string
    readonly bid: number
    readonly ask: number
    readonly last: number
    readonly timestamp: string
  }
  readonly bars: readonly {
    readonly time: string
    readonly open: number
    readonly high: number
    readonly low: number
    readonly close: number
    readonly volume: number
  }[]
  readonly metrics: Readonly<Record<string, number>>
}
