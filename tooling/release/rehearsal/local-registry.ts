import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runServer } from 'verdaccio'

/** A registry on this machine: our packages are published to it, and all others come from where npm takes them. */
export interface LocalRegistry {
  readonly url: string
  close(): Promise<void>
}

export async function startRegistry(): Promise<LocalRegistry> {
  const storage = mkdtempSync(join(tmpdir(), 'local-registry-'))
  const server = (await runServer(settings(storage))) as Server
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(storage, { recursive: true, force: true })
    },
  }
}

function settings(storage: string): object {
  const upstream = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8', cwd: tmpdir() })
  return {
    configPath: join(storage, 'config.yaml'),
    self_path: storage,
    storage,
    uplinks: { upstream: { url: upstream.trim(), maxage: '1h', timeout: '120s' } },
    packages: {
      '@cache/*': { access: '$all', publish: '$all', unpublish: '$all' },
      '**': { access: '$all', proxy: 'upstream' },
    },
    max_body_size: '100mb',
    web: { enable: false },
    log: { type: 'stdout', format: 'pretty', level: 'fatal' },
  }
}
