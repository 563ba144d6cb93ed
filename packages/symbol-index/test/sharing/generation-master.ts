/** A generic master of Angel's form in which every token names its generation. */
export function generationMaster(generation: number, rows = 20): Uint8Array {
  const records = Array.from({ length: rows }, (_, row) => ({
    token: `${generation}-${row}`,
    symbol: `S${row}-EQ`,
    name: `S${row}`,
    expiry: '',
    strike: '-1.000000',
    lotsize: '1',
    instrumenttype: '',
    exch_seg: 'NSE',
    tick_size: '5.000000',
  }))
  return new TextEncoder().encode(JSON.stringify(records))
}
