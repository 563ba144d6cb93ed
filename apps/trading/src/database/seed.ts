import { knownHolidays } from '../calendar/known-holidays.ts'
import type { MarketCalendar } from '../calendar/market-calendar.ts'
import type { FreezeQuantities } from '../freeze/freeze-quantities.ts'
import type { AppDatabase } from './database.ts'

/** Index options; the rest comes with the exchange's file. */
const knownFreezes = [
  ['BANKNIFTY', 600],
  ['FINNIFTY', 1200],
  ['MIDCPNIFTY', 2800],
  ['NIFTY', 1800],
  ['NIFTYNXT50', 600],
] as const

export interface SeedParts {
  readonly database: AppDatabase
  readonly calendar: MarketCalendar
  readonly freezes: FreezeQuantities
}

/** Puts what is generally known into a new database. What somebody has changed or removed since stays so. */
export async function seed({ database, calendar, freezes }: SeedParts): Promise<void> {
  const claimed = await database
    .insertInto('app_settings')
    .values({ name: 'seeded', value: 'true' })
    .onConflict((conflict) => conflict.doNothing())
    .returning('name')
    .executeTakeFirst()
  if (claimed === undefined) return
  await calendar.setHolidays(knownHolidays)
  await freezes.replace(
    'NFO',
    knownFreezes.map(([symbol, quantity]) => ({ symbol, quantity })),
  )
}
