import { parseStoredKey, storedKey, type CacheKey } from '@cache/core'
import { awkwardText } from './inputs.ts'
import { expectTrue, unlessRefused, type Target } from './target.ts'

/** No two keys are stored as one, and a stored key says which it was. */
export const keys: Target = {
  name: 'keys',
  run: (random) =>
    unlessRefused(() => {
      const part = (): string => awkwardText(random)
      const parts = Array.from({ length: 1 + random.below(3) }, part)
      const text = storedKey(parts)
      const parsed = [parseStoredKey(text)].flat()
      expectTrue(JSON.stringify(parsed) === JSON.stringify(parts), 'a stored key was read as another')
      const other: CacheKey = Array.from({ length: 1 + random.below(3) }, part)
      const isSame = JSON.stringify(other) === JSON.stringify(parts)
      expectTrue(isSame || storedKey(other) !== text, 'two keys are stored as one')
    }),
}
