import { describe, expect, it } from 'vitest'
import { Finding, fuzzOnce } from '../src/target.ts'
import { targets } from '../src/targets.ts'

describe('input that nobody would write', () => {
  it.each(Object.keys(targets))('is read or refused by what reads %s', async (name) => {
    const target = await targets[name]!()
    for (let seed = 1; seed <= 300; seed++) await expect(fuzzOnce(target, seed)).resolves.toBeUndefined()
  })

  it('is told with its seed where something fails', async () => {
    const target = {
      name: 'broken',
      run: () => {
        throw new TypeError('unexpected')
      },
    }
    await expect(fuzzOnce(target, 7)).rejects.toThrow(Finding)
    await expect(fuzzOnce(target, 7)).rejects.toThrow(`pnpm fuzz --target 'broken' --seed 7 --rounds 1`)
  })
})
