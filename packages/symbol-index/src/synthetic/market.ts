/** What derivatives are written on: enough of India's market to be plausible. */
export interface Underlying {
  readonly name: string
  /** Price around which strikes lie. */
  readonly price: number
  /** Distance between strikes. */
  readonly step: number
  readonly lot: number
}

export const NSE_INDICES: readonly (readonly [listed: string, name: string])[] = [
  ['Nifty 50', 'NIFTY'],
  ['Nifty Bank', 'BANKNIFTY'],
  ['Nifty Fin Service', 'FINNIFTY'],
  ['NIFTY MID SELECT', 'MIDCPNIFTY'],
  ['Nifty Next 50', 'NIFTYNXT50'],
  ['India VIX', 'INDIA VIX'],
  ['Nifty IT', 'NIFTY IT'],
  ['Nifty Auto', 'NIFTY AUTO'],
  ['Nifty Pharma', 'NIFTY PHARMA'],
  ['Nifty 500', 'NIFTY 500'],
]

export const BSE_INDICES: readonly (readonly [listed: string, name: string])[] = [
  ['SENSEX', 'SENSEX'],
  ['BANKEX', 'BANKEX'],
  ['SNSX50', 'S&P BSE SENSEX 50'],
]

export const INDEX_OPTIONS: readonly Underlying[] = [
  { name: 'NIFTY', price: 25_000, step: 50, lot: 75 },
  { name: 'BANKNIFTY', price: 55_000, step: 100, lot: 35 },
  { name: 'FINNIFTY', price: 26_500, step: 50, lot: 65 },
  { name: 'MIDCPNIFTY', price: 13_000, step: 25, lot: 140 },
  { name: 'NIFTYNXT50', price: 68_000, step: 100, lot: 25 },
]

export const BSE_INDEX_OPTIONS: readonly Underlying[] = [
  { name: 'SENSEX', price: 82_000, step: 100, lot: 20 },
  { name: 'BANKEX', price: 62_000, step: 100, lot: 30 },
  { name: 'SENSEX50', price: 26_000, step: 50, lot: 75 },
]

export const COMMODITIES: readonly Underlying[] = [
  { name: 'GOLD', price: 110_000, step: 100, lot: 1 },
  { name: 'GOLDM', price: 110_000, step: 100, lot: 1 },
  { name: 'SILVER', price: 130_000, step: 250, lot: 30 },
  { name: 'SILVERM', price: 130_000, step: 250, lot: 5 },
  { name: 'CRUDEOIL', price: 5_600, step: 50, lot: 100 },
  { name: 'CRUDEOILM', price: 5_600, step: 50, lot: 10 },
  { name: 'NATURALGAS', price: 270, step: 5, lot: 1250 },
  { name: 'COPPER', price: 900, step: 5, lot: 2500 },
  { name: 'ZINC', price: 280, step: 2.5, lot: 5000 },
]

export const CURRENCIES: readonly Underlying[] = [
  { name: 'USDINR', price: 88, step: 0.25, lot: 1 },
  { name: 'EURINR', price: 104, step: 0.25, lot: 1 },
  { name: 'GBPINR', price: 120, step: 0.25, lot: 1 },
  { name: 'JPYINR', price: 60, step: 0.25, lot: 1 },
]

export const STOCKS: readonly [string, ...string[]] = [
  'RELIANCE',
  'TCS',
  'HDFCBANK',
  'ICICIBANK',
  'INFY',
  'SBIN',
  'BHARTIARTL',
  'ITC',
  'HINDUNILVR',
  'LT',
  'KOTAKBANK',
  'AXISBANK',
  'BAJFINANCE',
  'BAJAJ-AUTO',
  'BAJAJFINSV',
  'MARUTI',
  'M&M',
  'M&MFIN',
  'TATAMOTORS',
  'TATASTEEL',
  'TATAPOWER',
  'SUNPHARMA',
  'TITAN',
  'ULTRACEMCO',
  'WIPRO',
  'NTPC',
  'POWERGRID',
  'ONGC',
  'COALINDIA',
  'ADANIENT',
  'ADANIPORTS',
  'ASIANPAINT',
  'NESTLEIND',
  'JSWSTEEL',
  'HCLTECH',
  'TECHM',
  'GRASIM',
  'CIPLA',
  'DRREDDY',
  'EICHERMOT',
  'HEROMOTOCO',
  'HINDALCO',
  'INDUSINDBK',
  'BPCL',
  'BRITANNIA',
  'DIVISLAB',
  'APOLLOHOSP',
  'VEDL',
  'GODREJCP',
  'KPITTECH',
  '360ONE',
  'ABB',
  'ACC',
  'AMBUJACEM',
  'BANKBARODA',
  'BEL',
  'BHEL',
  'CANBK',
  'DLF',
  'GAIL',
]

/** Syllables of invented companies. */
export const SYLLABLES: readonly [string, ...string[]] = [
  'AAR',
  'BHA',
  'CHAN',
  'DEV',
  'ESH',
  'FORT',
  'GUJ',
  'HIM',
  'IND',
  'JAI',
  'KAL',
  'LAX',
  'MAH',
  'NAV',
  'OM',
  'PRA',
  'RAJ',
  'SHRI',
  'TRI',
  'UDA',
  'VIJ',
  'YAS',
  'ZEN',
  'TEX',
  'CHEM',
  'STEEL',
  'FIN',
  'TECH',
  'AGRO',
  'INFRA',
]

export const COMPANY_SUFFIXES: readonly [string, ...string[]] = [
  'LTD',
  'INDS',
  'BANK',
  'CORP',
  'PHARM',
  'ENG',
  'FUND',
  'HLDG',
]
