import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { neededProgram } from './server-program.ts'

const run = promisify(execFile)
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']

/** A certificate with its key, as PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** A throw-away authority and what it signed: for a server on loopback, and for a client. */
export interface Certificates {
  /** The authority's certificate, as PEM. */
  readonly ca: string
  readonly server: Certificate
  readonly client: Certificate
  /** Where the files are: `ca.crt`, `server.crt`, `server.key`, `client.crt`, `client.key`. */
  readonly directory: string
}

/** Makes them in `directory`, valid for two days. */
export async function makeCertificates(directory: string): Promise<Certificates> {
  const openssl = await neededProgram('openssl', 'openssl')
  const make = (name: string, args: readonly string[]): Promise<unknown> =>
    run(openssl, [
      'req',
      '-x509',
      '-nodes',
      ...newKey,
      '-days',
      '2',
      '-subj',
      `/CN=cache test ${name}`,
      ...args,
      '-keyout',
      join(directory, `${name}.key`),
      '-out',
      join(directory, `${name}.crt`),
    ])
  const signed = ['-CA', join(directory, 'ca.crt'), '-CAkey', join(directory, 'ca.key')]
  await make('ca', ['-addext', 'basicConstraints=critical,CA:TRUE'])
  const leaf = ['-addext', 'basicConstraints=critical,CA:FALSE']
  await make('server', [...signed, ...leaf, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'])
  await make('client', [...signed, ...leaf])
  const read = (name: string): Promise<string> => readFile(join(directory, name), 'utf8')
  return {
    ca: await read('ca.crt'),
    server: { cert: await read('server.crt'), key: await read('server.key') },
    client: { cert: await read('client.crt'), key: await read('client.key') },
    directory,
  }
}
