import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { RepositoryCopy } from '../../repository-copy.ts'
import { run } from './run.ts'

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
}

/** The built repository, to be versioned and published without leaving a trace in the original. */
export class ReleaseCopy implements Disposable {
  readonly #copy = new RepositoryCopy(['.changeset'])

  get folder(): string {
    return this.#copy.folder
  }

  /** Gives the packages the versions that their changesets ask for. */
  async version(): Promise<void> {
    const identity = ['-c', 'user.name=rehearsal', '-c', 'user.email=rehearsal@localhost']
    writeFileSync(join(this.folder, '.gitignore'), 'node_modules\n')
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
      .map((file) => this.#manifest(dirname(file)))
      .filter((manifest) => manifest.private !== true)
  }

  [Symbol.dispose](): void {
    this.#copy[Symbol.dispose]()
  }

  #manifest(folder: string): Manifest {
    return JSON.parse(readFileSync(join(this.folder, folder, 'package.json'), 'utf8')) as Manifest
  }

  async #run(program: string, programArguments: readonly string[]): Promise<void> {
    // The copy shares the dependencies of the original, which must not be installed anew.
    const env = { npm_config_verify_deps_before_run: 'false', pnpm_config_verify_deps_before_run: 'false' }
    await run(program, programArguments, { cwd: this.folder, env })
  }
}
