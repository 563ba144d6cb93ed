import type { Holiday } from './market-calendar.ts'

const shares = ['NSE', 'BSE', 'NFO', 'BFO', 'CDS', 'BCD']
const all = [...shares, 'MCX', 'NCO']
const evening = [
  { exchange: 'MCX', startTime: '17:00', endTime: '23:55' },
  { exchange: 'NCO', startTime: '17:00', endTime: '23:55' },
]

/** A day on which shares are not traded, and commodities in the evening only. */
function holiday(date: string, description: string): Holiday {
  return { date, description, type: 'TRADING_HOLIDAY', closed: shares, open: evening }
}

function closedAllDay(date: string, description: string): Holiday {
  return { date, description, type: 'TRADING_HOLIDAY', closed: all, open: [] }
}

/**
 * Holidays as the exchanges published them for 2025 and 2026, with what later circulars added; what a new database begins
 * with. An administrator changes them, and adds later years, under `/web/admin/holidays`.
 */
export const knownHolidays: readonly Holiday[] = [
  holiday('2025-02-26', 'Mahashivratri'),
  holiday('2025-03-14', 'Holi'),
  holiday('2025-03-31', 'Id-Ul-Fitr'),
  holiday('2025-04-10', 'Shri Mahavir Jayanti'),
  holiday('2025-04-14', 'Dr. Baba Saheb Ambedkar Jayanti'),
  closedAllDay('2025-04-18', 'Good Friday'),
  holiday('2025-05-01', 'Maharashtra Day'),
  closedAllDay('2025-08-15', 'Independence Day'),
  holiday('2025-08-27', 'Ganesh Chaturthi'),
  closedAllDay('2025-10-02', 'Mahatma Gandhi Jayanti, Dussehra'),
  {
    date: '2025-10-21',
    description: 'Diwali Laxmi Pujan (Muhurat trading)',
    type: 'SPECIAL_SESSION',
    closed: [],
    open: shares.map((exchange) => ({ exchange, startTime: '13:45', endTime: '14:45' })).concat(evening),
  },
  holiday('2025-10-22', 'Diwali Balipratipada'),
  holiday('2025-11-05', 'Prakash Gurpurb Sri Guru Nanak Dev'),
  closedAllDay('2025-12-25', 'Christmas'),
  holiday('2026-01-15', 'Municipal Corporation Election in Maharashtra'),
  closedAllDay('2026-01-26', 'Republic Day'),
  holiday('2026-03-03', 'Holi'),
  holiday('2026-03-26', 'Shri Ram Navami'),
  holiday('2026-03-31', 'Shri Mahavir Jayanti'),
  closedAllDay('2026-04-03', 'Good Friday'),
  holiday('2026-04-14', 'Dr. Baba Saheb Ambedkar Jayanti'),
  holiday('2026-05-01', 'Maharashtra Day'),
  holiday('2026-05-28', 'Bakri Id'),
  holiday('2026-06-26', 'Muharram'),
  holiday('2026-09-14', 'Ganesh Chaturthi'),
  closedAllDay('2026-10-02', 'Mahatma Gandhi Jayanti'),
  holiday('2026-10-20', 'Dussehra'),
  holiday('2026-11-10', 'Diwali Balipratipada'),
  holiday('2026-11-24', 'Prakash Gurpurb Sri Guru Nanak Dev'),
  closedAllDay('2026-12-25', 'Christmas'),
]
