import { Client } from './client.ts'
import { type RunningServer, startServer, temporaryDirectory } from './running-server.ts'
import { smallMaster } from './small-master.ts'

/** An app that is set up, connected, and has a small master. */
export async function readyApp(
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly server: RunningServer; readonly client: Client }> {
  const directory = await temporaryDirectory()
  const server = await startServer({
    directory,
    args: ['--instruments', await smallMaster(directory)],
    env,
  })
  const client = new Client(server.address)
  await client.setUp()
  await client.connect()
  await client.until('/web/master', ({ phase }) => phase === 'ready')
  return { server, client }
}
