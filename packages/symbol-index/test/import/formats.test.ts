import { describe, expect, it } from 'vitest'

import type { InstrumentData } from '../../src/index.ts'
import { angelMaster, angelOption, angelRow, importText } from '../fixtures/masters.ts'

async function only(text: string): Promise<InstrumentData> {
  const { set, report } = await importText(text)
  expect(report.rejected.first).toEqual([])
  expect(set.size).toBe(1)
  return [...set.instruments()][0]!.toJSON()
}

describe('Angel One', () => {
  const angel = (row: Record<string, unknown>): Promise<InstrumentData> => only(angelMaster([row]))

  it('reads a share without its series', async () => {
    expect(await angel(angelRow())).toEqual({
      symbol: 'INFY',
      brokerSymbol: 'INFY-EQ',
      name: 'INFY',
      exchange: 'NSE',
      brokerExchange: 'NSE',
      token: '1594',
      instrumentType: 'EQ',
      underlying: undefined,
      expiry: undefined,
      strike: undefined,
      lotSize: 1,
      tickSize: 0.05,
    })
  })

  it('takes a series off the end only', async () => {
    const symbols = ['A-EQUIP-EQ', 'B-BELL-BE', 'C-SGX', 'BAJAJ-AUTO-EQ', 'GOLD-MF', '78NH-SG', 'IDEA-N1']
    const rows = symbols.map((symbol, token) => angelRow({ symbol, token: String(token + 1) }))
    const { set } = await importText(angelMaster(rows))
    expect(Array.from(set.instruments(), (row) => row.symbol).sort()).toEqual(
      ['A-EQUIP', 'B-BELL', 'C-SGX', 'BAJAJ-AUTO', 'GOLD', '78NH', 'IDEA-N1'].sort(),
    )
  })

  it('reads strikes in paise', async () => {
    expect(await angel(angelOption())).toMatchObject({
      symbol: 'NIFTY28OCT2524000CE',
      strike: 24_000,
      expiry: '28-OCT-25',
      underlying: 'NIFTY',
      instrumentType: 'CE',
      lotSize: 75,
      tickSize: 0.05,
    })
  })

  it('writes decimal strikes as they are', async () => {
    const row = angelOption({
      symbol: 'VEDL28OCT25292.5PE',
      name: 'VEDL',
      strike: '29250.000000',
      instrumenttype: 'OPTSTK',
    })
    expect(await angel(row)).toMatchObject({ symbol: 'VEDL28OCT25292.5PE', strike: 292.5 })
  })

  it('gives a BSE contract its day', async () => {
    const row = angelOption({
      symbol: 'SENSEX25O2389800CE',
      name: 'SENSEX',
      expiry: '23OCT2025',
      strike: '8980000.0',
      exch_seg: 'BFO',
    })
    expect(await angel(row)).toMatchObject({
      symbol: 'SENSEX23OCT2589800CE',
      brokerSymbol: 'SENSEX25O2389800CE',
      exchange: 'BFO',
    })
  })

  it('reads currency prices, which are multiplied by 10^7', async () => {
    const row = angelOption({
      symbol: 'EURUSD25SEP.97CE',
      name: 'EURUSD',
      expiry: '26SEP2025',
      strike: '9700000.000000',
      tick_size: '25000.000000',
      exch_seg: 'CDS',
      instrumenttype: 'OPTCUR',
    })
    expect(await angel(row)).toMatchObject({ symbol: 'EURUSD26SEP250.97CE', strike: 0.97, tickSize: 0.0025 })
  })

  it('converts NCO options, which are multiplied by 10^4 and lack the day', async () => {
    const row = angelOption({
      symbol: 'GOLD25SEP107200PE',
      name: 'GOLD',
      expiry: '25SEP2025',
      strike: '1072000000.000000',
      tick_size: '5000.000000',
      exch_seg: 'NCO',
      instrumenttype: 'OPTFUT',
    })
    expect(await angel(row)).toMatchObject({
      symbol: 'GOLD25SEP25107200PE',
      strike: 107_200,
      tickSize: 0.5,
      exchange: 'NCO',
    })
  })

  it('converts NCDEX options and futures', async () => {
    const option = angelOption({
      token: 'DHANIYA10OCT25CE7100FOCT25',
      symbol: 'DHANIYA10OCT25CE7100FOCT25',
      name: 'DHANIYA',
      expiry: '10OCT2025',
      strike: '710000.000000',
      exch_seg: 'NCDEX',
      instrumenttype: 'OPTFUT',
    })
    expect(await angel(option)).toMatchObject({
      symbol: 'DHANIYA10OCT257100CE',
      instrumentType: 'CE',
      strike: 7100,
    })
    const future = angelOption({
      symbol: 'BAJRA20OCT2025',
      name: 'BAJRA',
      expiry: '20OCT2025',
      strike: '-1.0',
      exch_seg: 'NCDEX',
      instrumenttype: 'FUTCOM',
    })
    expect(await angel(future)).toMatchObject({
      symbol: 'BAJRA20OCT25FUT',
      instrumentType: 'FUT',
      strike: undefined,
    })
  })

  it('reads the underlying from the symbol when the name is blank', async () => {
    const row = angelOption({
      symbol: '360ONE25SEP1180CE',
      name: ' ',
      expiry: '25SEP2025',
      strike: '118000.0',
      exch_seg: 'BFO',
      instrumenttype: 'OPTSTK',
    })
    expect(await angel(row)).toMatchObject({
      symbol: '360ONE25SEP251180CE',
      underlying: '360ONE',
      name: '360ONE',
    })
  })

  it.each([
    ['NSE', 'Nifty 50', 'NSE_INDEX', 'NIFTY'],
    ['NSE', 'Nifty Bank', 'NSE_INDEX', 'BANKNIFTY'],
    ['NSE', 'Nifty Fin Service', 'NSE_INDEX', 'FINNIFTY'],
    ['NSE', 'NIFTY MID SELECT', 'NSE_INDEX', 'MIDCPNIFTY'],
    ['NSE', 'Nifty Next 50', 'NSE_INDEX', 'NIFTYNXT50'],
    ['NSE', 'India VIX', 'NSE_INDEX', 'INDIAVIX'],
    ['BSE', 'SNSX50', 'BSE_INDEX', 'SENSEX50'],
    ['MCX', 'MCXMETLDEX', 'MCX_INDEX', 'MCXMETLDEX'],
  ])('puts the index %s %s on %s as %s', async (segment, listed, exchange, symbol) => {
    const row = angelRow({
      symbol: listed,
      exch_seg: segment,
      instrumenttype: 'AMXIDX',
      strike: '0.000000',
      tick_size: '0.000000',
    })
    expect(await angel(row)).toMatchObject({
      symbol,
      exchange,
      brokerSymbol: listed,
      instrumentType: 'INDEX',
      tickSize: 0,
    })
  })
})

describe('Upstox', () => {
  const header =
    '"instrument_key","exchange_token","tradingsymbol","name","last_price","expiry","strike","tick_size","lot_size","instrument_type","option_type","exchange"'

  it('reads the CSV', async () => {
    const { set } = await importText(
      `${header}
"NSE_FO|50911","50911","NATIONALUM26FEB355PE","NATIONAL ALUMINIUM CO LTD","10.95","2026-02-24","355.0","0.05","3750","OPTSTK","PE","NSE_FO"
"BCD_FO|1051042","1051042","USDINR26213FUT","USDINR","0","2026-02-13","0.0","0.25","1","FUTCUR","FF","BCD_FO"
"NSE_INDEX|Nifty 50","26000","NIFTY","Nifty 50","1","","","","","INDEX","INDEX","NSE_INDEX"
"NSE_EQ|INE009A01021","1594","INFY","INFOSYS LIMITED","1","","","0.05","1","EQUITY","","NSE_EQ"
"NSE_COM|4","4","BRENTCRUDEOIL","BRCRUDE","0","","0.0","100.0","1","","COM","NSE_COM"
`,
    )
    expect(set.get('NATIONALUM24FEB26355PE', 'NFO')?.toJSON()).toMatchObject({
      token: 'NSE_FO|50911',
      strike: 355,
      underlying: 'NATIONALUM',
      name: 'NATIONAL ALUMINIUM CO LTD',
      lotSize: 3750,
      tickSize: 0.05,
    })
    expect(set.get('USDINR13FEB26FUT', 'BCD')).toMatchObject({ tickSize: 0.0025, underlying: 'USDINR' })
    expect(set.get('NIFTY', 'NSE_INDEX')).toMatchObject({
      token: 'NSE_INDEX|Nifty 50',
      lotSize: 0,
      tickSize: 0,
    })
    expect(set.get('INFY', 'NSE')).toMatchObject({ instrumentType: 'EQ' })
    expect(set.get('BRENTCRUDEOIL', 'NCO')).toMatchObject({ instrumentType: 'SPOT' })
  })

  it('reads the ragged JSON', async () => {
    const { set } = await importText(
      JSON.stringify([
        {
          segment: 'NCD_FO',
          name: 'USDINR',
          expiry: 1_748_629_799_000,
          instrument_type: 'PE',
          underlying_symbol: 'USDINR',
          instrument_key: 'NCD_FO|14291',
          lot_size: 1,
          tick_size: 0.25,
          trading_symbol: 'USDINR 81.25 PE 30 MAY 25',
          strike_price: 81.25,
        },
        {
          segment: 'BSE_EQ',
          name: 'NILKAMAL LTD.',
          instrument_type: 'B',
          instrument_key: 'BSE_EQ|INE310A01015',
          lot_size: 1,
          tick_size: 5,
          trading_symbol: 'NILKAMAL',
        },
        {
          segment: 'NSE_INDEX',
          name: 'Nifty 50',
          instrument_type: 'INDEX',
          instrument_key: 'NSE_INDEX|Nifty 50',
          trading_symbol: 'NIFTY',
        },
      ]),
    )
    expect(set.get('USDINR30MAY2581.25PE', 'CDS')).toMatchObject({
      strike: 81.25,
      tickSize: 0.0025,
      expiry: '30-MAY-25',
      brokerSymbol: 'USDINR 81.25 PE 30 MAY 25',
    })
    expect(set.getByBrokerSymbol('USDINR 81.25 PE 30 MAY 25', 'CDS')?.token).toBe('NCD_FO|14291')
    expect(set.get('NILKAMAL', 'BSE')).toMatchObject({ instrumentType: 'EQ', tickSize: 0.05 })
    expect(set.get('NIFTY', 'NSE_INDEX')).toMatchObject({ instrumentType: 'INDEX' })
  })
})

describe('Zerodha Kite', () => {
  it('reads contracts, shares and indices', async () => {
    const { set } =
      await importText(`instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange
11546626,45104,NIFTY2581924350CE,NIFTY,0.0,2025-08-19,24350.0,0.05,65,CE,NFO-OPT,NFO
14866434,58072,BAJAJ-AUTO25AUGFUT,BAJAJ-AUTO,0.0,2025-08-25,0.0,0.1,65,FUT,NFO-FUT,NFO
408065,1594,INFY,INFOSYS,0,,0,0.05,1,EQ,NSE,NSE
256265,1001,NIFTY 50,NIFTY 50,0,,0,0,0,EQ,INDICES,NSE
408066,1595,IDEA-BE,VODAFONE IDEA,0,,0,0.05,1,EQ,NSE,NSE
`)
    expect(set.get('NIFTY19AUG2524350CE', 'NFO')).toMatchObject({ token: '11546626', strike: 24_350 })
    expect(set.get('BAJAJ-AUTO25AUG25FUT', 'NFO')).toMatchObject({
      underlying: 'BAJAJ-AUTO',
      strike: undefined,
    })
    expect(set.get('INFY', 'NSE')).toMatchObject({ name: 'INFOSYS' })
    expect(set.get('IDEA', 'NSE')).toMatchObject({ brokerSymbol: 'IDEA-BE' })
    expect(set.get('NIFTY', 'NSE_INDEX')).toMatchObject({ instrumentType: 'INDEX', brokerSymbol: 'NIFTY 50' })
  })
})

describe('Dhan', () => {
  it('reads the compact file', async () => {
    const { set, report } =
      await importText(`SEM_EXM_EXCH_ID,SEM_SEGMENT,SEM_SMST_SECURITY_ID,SEM_INSTRUMENT_NAME,SEM_EXPIRY_CODE,SEM_TRADING_SYMBOL,SEM_LOT_UNITS,SEM_CUSTOM_SYMBOL,SEM_EXPIRY_DATE,SEM_STRIKE_PRICE,SEM_OPTION_TYPE,SEM_TICK_SIZE,SEM_EXPIRY_FLAG,SEM_EXCH_INSTRUMENT_TYPE,SEM_SERIES,SM_SYMBOL_NAME
NSE,E,2885,EQUITY,0,RELIANCE,1.0,Reliance Industries,,,,10.0000,NA,ES,EQ,RELIANCE INDUSTRIES LTD
NSE,D,58072,FUTIDX,0,NIFTY-Aug2026-FUT,65.0,NIFTY AUG FUT,2026-08-25 14:30:00,-0.01,XX,10.0,M,FUT,,NIFTY
NSE,D,58073,OPTSTK,0,BAJAJ-AUTO-Aug2026-9000-CE,75.0,BAJAJ-AUTO 25 AUG 9000 CALL,2026-08-25 14:30:00,9000.00,CE,5.0,M,OP,,BAJAJ-AUTO
MCX,M,449735,FUTCOM,0,CRUDEOIL-19Aug2026-FUT,1.0,CRUDEOIL AUG FUT,2026-08-19 23:30:00,-0.01,XX,100.0,M,FUTCOM,,CRUDEOIL
NSE,I,13,INDEX,0,NIFTY,1,NIFTY,0001-01-01,0.00000,XX,5.0,NA,INDEX,NA,Nifty 50
`)
    expect(report.rejected.total).toBe(0)
    expect(set.get('RELIANCE', 'NSE')).toMatchObject({
      token: '2885',
      name: 'RELIANCE INDUSTRIES LTD',
      tickSize: 0.1,
    })
    expect(set.get('NIFTY25AUG26FUT', 'NFO')).toMatchObject({
      brokerExchange: 'NSE_FNO',
      lotSize: 65,
      strike: undefined,
    })
    expect(set.get('BAJAJ-AUTO25AUG269000CE', 'NFO')).toMatchObject({
      underlying: 'BAJAJ-AUTO',
      strike: 9000,
    })
    expect(set.get('CRUDEOIL19AUG26FUT', 'MCX')).toMatchObject({ tickSize: 1 })
    expect(set.get('NIFTY', 'NSE_INDEX')).toMatchObject({ expiry: undefined, token: '13' })
  })

  it('reads the detailed file', async () => {
    const { set, report } =
      await importText(`EXCH_ID,SEGMENT,SECURITY_ID,ISIN,INSTRUMENT,UNDERLYING_SECURITY_ID,UNDERLYING_SYMBOL,SYMBOL_NAME,DISPLAY_NAME,INSTRUMENT_TYPE,SERIES,LOT_SIZE,SM_EXPIRY_DATE,STRIKE_PRICE,OPTION_TYPE,TICK_SIZE,EXPIRY_FLAG
BSE,C,1026077,NA,FUTCUR,600,USDINR,USDINR,USDINR AUG FUT,FUTCUR,NA,1.0,2026-08-28,-0.01000,XX,0.2500,M
NSE,D,52175,NA,OPTIDX,13,NIFTY,NIFTY-Oct2026-25000-CE,NIFTY 29 OCT 25000 CALL,OP,NA,75,2026-10-29,25000.00,CE,5.0,W
NSE,E,1333,INE040A01034,EQUITY,,HDFCBANK,HDFC BANK LTD,HDFC Bank,ES,EQ,1.0,,,,5.0,NA
`)
    expect(report.rejected.total).toBe(0)
    expect(set.get('USDINR28AUG26FUT', 'BCD')).toMatchObject({ tickSize: 0.0025 })
    expect(set.get('NIFTY29OCT2625000CE', 'NFO')).toMatchObject({
      brokerSymbol: 'NIFTY-Oct2026-25000-CE',
      strike: 25_000,
    })
    expect(set.get('HDFCBANK', 'NSE')).toMatchObject({ name: 'HDFC Bank', brokerSymbol: 'HDFCBANK' })
  })
})

describe('American lists', () => {
  it('reads what Nasdaq lists, up to the trailer', async () => {
    const { set, report } =
      await importText(`Symbol|Security Name|Market Category|Test Issue|Financial Status|Round Lot Size|ETF|NextShares
AAPL|Apple Inc. - Common Stock|Q|N|N|100|N|N
QUOT|A "quoted" name|Q|N|N|100|N|N
File Creation Time: 1020202512:11|||||||
`)
    expect(report).toMatchObject({ format: 'nasdaq-listed', rowsRead: 3, rowsKept: 2, skipped: 1 })
    expect(set.get('AAPL', 'NASDAQ')).toMatchObject({ lotSize: 100, token: 'AAPL' })
    expect(set.get('QUOT', 'NASDAQ')?.name).toBe('A "quoted" name')
  })

  it('reads what others list, with a trailer of fewer fields', async () => {
    const { set, report } =
      await importText(`ACT Symbol|Security Name|Exchange|CQS Symbol|ETF|Round Lot Size|Test Issue|NASDAQ Symbol
AAM.W|AA Mission Warrants|N|AAM.WS|N|100|N|AAM+
ZVV|Test stock|P|ZVV|N|100|Y|ZVV
File Creation Time: 1020202512:11||||||
`)
    expect(report).toMatchObject({ format: 'other-listed', rowsKept: 2, skipped: 1 })
    expect(set.get('AAM.W', 'NYSE')).toMatchObject({ brokerSymbol: 'AAM.WS', token: 'AAM+' })
    expect(set.get('ZVV', 'ARCA')?.name).toBe('Test stock')
  })
})

describe('a generic CSV', () => {
  it('is read by a column map, contracts included', async () => {
    const text = `Ticker;Venue;Id;Kind;Root;Expires;K;Lot
ACME;X;1;;;;;10
ignored;X;2;CE;ACME;2025-11-28;12.5;10
`
    const { set } = await importText(text, {
      columns: {
        symbol: 'Ticker',
        exchange: { value: 'XETRA' },
        token: 'Id',
        instrumentType: 'Kind',
        contract: { underlying: 'Root', expiry: 'Expires', strike: 'K' },
        lotSize: 'Lot',
      },
    })
    expect(set.get('ACME', 'XETRA')).toMatchObject({ lotSize: 10, instrumentType: 'EQ' })
    expect(set.get('ACME28NOV2512.5CE', 'XETRA')).toMatchObject({ strike: 12.5, brokerSymbol: 'ignored' })
  })

  it('takes the symbol for a token and a name that are not mapped', async () => {
    const { set } = await importText('s,e\nACME,NYSE\n', { columns: { symbol: 's', exchange: 'e' } })
    expect(set.getByToken('ACME', 'NYSE')).toMatchObject({ symbol: 'ACME', name: 'ACME' })
  })
})
