import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { acceptReports, changedReports } from '../api-report.ts'

/** A built package whose entry points have these declarations. */
function builtPackage(declarations: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'built-package-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'tsconfig.json'), '{}')
  rebuild(folder, declarations)
  return folder
}

function rebuild(folder: string, declarations: Readonly<Record<string, string>>): void {
  mkdirSync(join(folder, 'dist'), { recursive: true })
  const entries = Object.entries(declarations).map(([name, text]) => {
    writeFileSync(join(folder, `dist/${name}.d.ts`), text)
    return [name === 'index' ? '.' : `./${name}`, { types: `./dist/${name}.d.ts` }]
  })
  const manifest = { name: 'built', publishConfig: { exports: Object.fromEntries(entries) } }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
}

const index = '/** One. */\nexport declare function one(): number;\n'

describe('the report of a public surface', () => {
  it('is the accepted one until the surface changes', () => {
    const folder = builtPackage({ index })
    expect(changedReports(folder)).toEqual(['api/index.api.md'])
    acceptReports(folder)
    expect(changedReports(folder)).toEqual([])
    rebuild(folder, { index: index.replace('one()', 'one(times: number)') })
    expect(changedReports(folder)).toEqual(['api/index.api.md'])
  })

  it('is wanted for each entry point, and for none that is gone', () => {
    const folder = builtPackage({ index, more: index })
    acceptReports(folder)
    rebuild(folder, { index })
    expect(changedReports(folder)).toEqual(['api/more.api.md'])
  })

  it('does not change with what is not exported', () => {
    const folder = builtPackage({ index })
    acceptReports(folder)
    rebuild(folder, { index: index.replace('One.', 'One, described better.') })
    expect(changedReports(folder)).toEqual([])
  })
})
