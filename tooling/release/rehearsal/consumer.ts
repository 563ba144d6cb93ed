import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './run.ts'

export type PackageManager = 'npm' | 'pnpm' | 'yarn'

const yarn = join(import.meta.dirname, '../node_modules/@yarnpkg/cli-dist/bin/yarn.js')
const tsc = join(import.meta.dirname, '../../../node_modules/.bin/tsc')

/** An empty project of a user, whose package manager takes everything from one registry. */
export class Consumer implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'consumer-'))
  readonly #manager: PackageManager
  readonly #registry: string

  constructor(manager: PackageManager, registry: string) {
    this.#manager = manager
    this.#registry = registry
    this.write('package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
    this.write('.npmrc', `registry=${registry}\n@cache:registry=${registry}\naudit=false\nfund=false\n`)
    this.write(
      '.yarnrc.yml',
      `npmRegistryServer: ${registry}\nunsafeHttpWhitelist: ['127.0.0.1']\nnodeLinker: node-modules\nenableTelemetry: false\nenableGlobalCache: false\nglobalFolder: ./.yarn-global\nnpmMinimalAgeGate: 0\n`,
    )
    this.write('pnpm-workspace.yaml', 'packages:\n  - .\nminimumReleaseAge: 0\n')
    this.write('yarn.lock', '')
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text)
  }

  async install(packages: readonly string[]): Promise<void> {
    const cwd = this.folder
    const registry = ['--registry', this.#registry]
    if (this.#manager === 'npm')
      await run('npm', ['install', '--no-package-lock', ...registry, ...packages], { cwd })
    else if (this.#manager === 'pnpm') await run('pnpm', ['add', ...registry, ...packages], { cwd })
    else await run(process.execPath, [yarn, 'add', ...packages], { cwd, env: { YARN_IGNORE_PATH: '1' } })
  }

  /** The names of everything that was installed, at any depth. */
  installed(): Set<string> {
    return new Set(packagesIn(join(this.folder, 'node_modules')))
  }

  /** What the compiler says about a file of a user who has `@types/node`; empty when it has nothing to say. */
  async typeFaults(file: string, resolution: 'nodenext' | 'bundler'): Promise<string> {
    const module = resolution === 'bundler' ? 'esnext' : 'nodenext'
    const options = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--target', 'es2024']
    const libraries = ['--lib', 'es2024,esnext.disposable', '--types', 'node']
    const how = ['--module', module, '--moduleResolution', resolution]
    return run(tsc, [...options, ...libraries, ...how, file], { cwd: this.folder }).then(
      () => '',
      (error: unknown) => String(error),
    )
  }

  /** Runs a file with a Node.js of the project's own. */
  async run(file: string, node: string = process.execPath): Promise<string> {
    return run(node, [file], { cwd: this.folder })
  }

  /** Bytes of a package's own files, without its dependencies. */
  sizeBytes(name: string): number {
    return folderBytes(join(this.folder, 'node_modules', name))
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function* packagesIn(modules: string): Generator<string> {
  if (!existsSync(modules)) return
  for (const name of readdirSync(modules)) {
    if (name.startsWith('@')) {
      for (const scoped of readdirSync(join(modules, name))) yield* packageAt(modules, `${name}/${scoped}`)
    } else if (name === '.pnpm') {
      for (const stored of readdirSync(join(modules, name)))
        yield* packagesIn(join(modules, name, stored, 'node_modules'))
    } else if (!name.startsWith('.')) yield* packageAt(modules, name)
  }
}

function* packageAt(modules: string, name: string): Generator<string> {
  yield name
  const inner = join(modules, name, 'node_modules')
  // pnpm links packages to each other; what they hold is found in its store.
  if (statSync(join(modules, name)).isDirectory() && !modules.includes('.pnpm')) yield* packagesIn(inner)
}

function folderBytes(folder: string): number {
  let bytes = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) bytes += entry.name === 'node_modules' ? 0 : folderBytes(path)
    else bytes += statSync(path).size
  }
  return bytes
}
