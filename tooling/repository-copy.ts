import { cpSync, globSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The repository's root. */
export const root: string = join(import.meta.dirname, '..')

/**
 * A copy of the installed packages in a folder of its own, for what must not touch the original. It shares the
 * dependencies, so that nothing is installed, and holds the manifests of the other workspaces.
 */
export class RepositoryCopy implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'repository-'))

  constructor(parts: readonly string[]) {
    for (const part of ['packages', 'package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml', ...parts]) {
      cpSync(join(root, part), join(this.folder, part), { recursive: true, verbatimSymlinks: true })
    }
    for (const manifest of globSync('{apps,tooling}/*/package.json', { cwd: root })) {
      cpSync(join(root, manifest), join(this.folder, manifest))
    }
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'))
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
