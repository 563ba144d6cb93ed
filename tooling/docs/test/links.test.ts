import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pages, root } from '../pages.ts'

describe('the links of the documentation', () => {
  it.each(pages())('lead somewhere: $path', ({ path, text }) => {
    const targets = Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => target ?? '')
    const local = targets.filter((target) => !/^(https?:|mailto:|#)/.test(target))
    const broken = local.filter(
      (target) => !existsSync(join(root, dirname(path), target.split('#')[0] ?? '')),
    )
    expect(broken).toEqual([])
  })

  it('of the list of packages name every package', () => {
    const readme = pages().find((page) => page.path === 'README.md')?.text ?? ''
    const packages = pages().flatMap(({ path }) => /^packages\/([\w-]+)\/README\.md$/.exec(path)?.[1] ?? [])
    for (const name of packages) expect(readme).toContain(`](packages/${name})`)
    expect(statSync(join(root, 'packages')).isDirectory()).toBe(true)
  })
})
