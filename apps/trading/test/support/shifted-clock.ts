/**
 * Puts the wall clock of the process that imports this ahead, by the milliseconds that a file holds. The file is looked
 * at all the time, so that days pass while a process runs. Timers keep to the time that there is.
 */
import { readFileSync } from 'node:fs'
import process from 'node:process'

const { CLOCK_SHIFT_FILE: file = '' } = process.env
const lookEveryMs = 20
const realNow = Date.now.bind(Date)
let shiftMs = 0
let lookedAtMs = Number.NEGATIVE_INFINITY

Date.now = () => {
  const nowMs = performance.now()
  if (nowMs - lookedAtMs >= lookEveryMs) {
    lookedAtMs = nowMs
    shiftMs = Number(readFileSync(file, 'utf8'))
  }
  return realNow() + shiftMs
}
