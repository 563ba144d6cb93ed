export { ManualClock, type ManualClockStart } from './manual-clock.ts'
