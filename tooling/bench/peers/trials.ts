import type { Trial } from './trial.ts'
import { frames } from './trials/frames.ts'
import { races } from './trials/races.ts'
import { stores } from './trials/stores.ts'
import { values } from './trials/values.ts'

/** All, in the order of the README's table. */
export const trials: readonly Trial[] = [...races, ...stores, ...values, ...frames].toSorted(
  (one, other) => Number.parseInt(one.id, 10) - Number.parseInt(other.id, 10),
)
