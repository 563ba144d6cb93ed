import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { globSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { run } from './run.ts'

const root = join(import.meta.dirname, '../../..')

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
}

/** A copy of the built repository, to be versioned and published without leaving a trace in the original. */
export class ReleaseCopy implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'release-'))

  constructor() {
    const verbatim = { recursive: true, verbatimSymlinks: true, filter: isReleased }
    for (const part of ['packages', '.changeset', 'package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml']) {
      cpSync(join(root, part), join(this.folder, part), verbatim)
    }
    for (const manifest of globSync('{apps,tooling}/*/package.json', { cwd: root })) {
      cpSync(join(root, manifest), join(this.folder, manifest))
    }
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'))
    writeFileSync(join(this.folder, '.gitignore'), 'node_modules\n')
  }

  /** Gives the packages the versions that their changesets ask for. */
  async version(): Promise<void> {
    const identity = ['-c', 'user.name=rehearsal', '-c', 'user.email=rehearsal@localhost']
    await this.#run('git', ['init', '--quiet', '--initial-branch=main'])
    await this.#run('git', ['add', '--all'])
    await this.#run('git', [...identity, 'commit', '--quiet', '--message', 'rehearsal'])
    await this.#run('pnpm', ['exec', 'changeset', 'version'])
  }

  /** Publishes every package as the release workflow does. */
  async publish(registry: string): Promise<void> {
    const token = `${registry.replace('http:', '')}:_authToken=rehearsal`
    const npmrc = join(this.folder, '.npmrc')
    writeFileSync(npmrc, `registry=${registry}\n@cache:registry=${registry}\n${token}\n`)
    await this.#run('pnpm', ['publish', '--recursive', '--no-git-checks', '--registry', registry])
  }

  /** The public packages, with the versions they have in the copy. */
  packages(): Manifest[] {
    return globSync('packages/*/package.json', { cwd: this.folder })
      .map((file) => this.manifest(dirname(file)))
      .filter((manifest) => manifest.private !== true)
  }

  manifest(folder: string): Manifest {
    return JSON.parse(readFileSync(join(this.folder, folder, 'package.json'), 'utf8')) as Manifest
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  async #run(program: string, programArguments: readonly string[]): Promise<void> {
    // The copy shares the dependencies of the original, which must not be installed anew.
    const env = { npm_config_verify_deps_before_run: 'false', pnpm_config_verify_deps_before_run: 'false' }
    await run(program, programArguments, { cwd: this.folder, env })
  }
}

function isReleased(path: string): boolean {
  return !/\/(test|\.turbo)$/.test(path)
}
