import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { type ServerKind, usableServer, type UsableServer } from '@cache/tooling-servers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pages, root, snippets } from '../pages.ts'

const run = promisify(execFile)

// Inside this workspace, so that the packages resolve as they do for a user.
const directory = mkdtempSync(join(import.meta.dirname, '../.snippets-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const files = pages()
  .flatMap((page) => snippets(page))
  .map((snippet, index) => {
    const file = join(directory, `snippet-${index}.ts`)
    writeFileSync(file, `${snippet.code}\nexport {}\n`)
    return { name: snippet.name, file }
  })

const servers: UsableServer[] = []
const environment = { ...process.env }

// The snippets take the servers that their readers have from the environment.
beforeAll(async () => {
  for (const kind of ['redis', 'valkey'] satisfies ServerKind[]) {
    const server = await usableServer(kind)
    servers.push(server)
    environment[`${kind.toUpperCase()}_URL`] = server.url
  }
}, 600_000)
afterAll(() => Promise.all(servers.map((server) => server.stop())))

describe('the snippets of the documentation', () => {
  it('compile', async () => {
    const config = join(directory, 'tsconfig.json')
    const options = { noEmit: true, isolatedDeclarations: false, declaration: false, noUnusedLocals: false }
    writeFileSync(
      config,
      JSON.stringify({
        extends: join(root, 'tsconfig.base.json'),
        compilerOptions: options,
        include: ['*.ts'],
      }),
    )
    const faults = await run('tsc', ['-p', config]).then(
      () => '',
      (error: { stdout: string }) => error.stdout,
    )
    expect(faults).toBe('')
  })

  it.each(files)('run: $name', async ({ file }) => {
    const workingDirectory = mkdtempSync(join(directory, 'run-'))
    const options = { cwd: workingDirectory, timeout: 20_000, env: environment }
    await expect(run(process.execPath, [file], options)).resolves.toMatchObject({ stderr: '' })
  })
})
