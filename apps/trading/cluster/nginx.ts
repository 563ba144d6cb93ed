import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { neededProgram, ServerProcess } from '@cache/tooling-servers'

const deployed = join(import.meta.dirname, '../../../deploy/nginx/trading.conf')

/** Starts nginx with the configuration that `deploy/` offers, in front of instances on these ports. */
export async function startNginx(
  directory: string,
  port: number,
  instancePorts: readonly number[],
): Promise<ServerProcess> {
  const program = await neededProgram('nginx', 'nginx')
  await mkdir(directory, { recursive: true })
  const site = addressed(await readFile(deployed, 'utf8'), instancePorts).replace(
    'listen 127.0.0.1:8080;',
    `listen 127.0.0.1:${port};`,
  )
  await writeFile(join(directory, 'trading.conf'), site)
  await writeFile(join(directory, 'nginx.conf'), mainConfiguration(directory))
  const args = ['-p', directory, '-c', join(directory, 'nginx.conf')]
  return ServerProcess.start(program, args, /getrlimit/)
}

/** The site with these instances in the places of its own: each run of like `server` lines becomes one line for each port. */
export function addressed(site: string, ports: readonly number[]): string {
  return site.replace(/^( *server )\S+( .*;)\n(?:\1\S+\2\n)*/gm, (_deployed, start: string, rest: string) =>
    ports.map((port) => `${start}127.0.0.1:${port}${rest}\n`).join(''),
  )
}

function mainConfiguration(directory: string): string {
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(directory, name)};`,
  )
  return [
    'daemon off;',
    // One process, that all of it ends when that is killed.
    'master_process off;',
    `pid ${join(directory, 'nginx.pid')};`,
    'error_log stderr notice;',
    'events { worker_connections 1024; }',
    `http { access_log off; ${places.join(' ')} include ${join(directory, 'trading.conf')}; }`,
    '',
  ].join('\n')
}
