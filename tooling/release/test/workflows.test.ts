import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>
}
const workflows = globSync('.github/workflows/*.yml', { cwd: root }).map((path) => {
  return { path, text: readFileSync(join(root, path), 'utf8') }
})

describe('the workflows', () => {
  it.each(workflows)('pin every action to a commit: $path', ({ text }) => {
    const used = Array.from(text.matchAll(/uses: (\S+)/g), ([, action]) => action)
    expect(used.length).toBeGreaterThan(0)
    for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/)
  })

  it.each(workflows)('begin with no right but to read: $path', ({ text }) => {
    expect(text).toMatch(/^permissions:\n  contents: read\n/m)
  })

  it.each(workflows)('call scripts that exist: $path', ({ text }) => {
    const commands = Array.from(text.matchAll(/command: \[(.*)\]/g), ([, list]) => list ?? '')
      .flatMap((list) => list.split(','))
      .map((command) => command.trim().replaceAll("'", '').split(' ')[0] ?? '')
    const direct = Array.from(text.matchAll(/pnpm@\S+ run ([a-z:]+)/g), ([, name]) => name ?? '')
    for (const script of [...commands, ...direct]) expect(manifest.scripts).toHaveProperty(script)
  })

  it('of every change run the same as the README', () => {
    const ci = workflows.find(({ path }) => path.endsWith('ci.yml'))
    expect(ci?.text).toContain('.ci/run')
    const readme = readFileSync(join(root, 'README.md'), 'utf8')
    const command = /npx -y pnpm@\S+ test/.exec(readme)?.[0] ?? 'absent'
    expect(readFileSync(join(root, '.ci/run'), 'utf8')).toContain(command)
  })
})
