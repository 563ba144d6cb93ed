/** Starts an instance that has nothing to write, as a cluster would, and stays. */
import { freePort } from '@cache/tooling-servers'

import { Instance } from '../../cluster/instance.ts'

const [, , directory = ''] = process.argv
const settings = { LOG_LEVEL: 'silent' }
await new Instance({ name: 'alone', port: await freePort(), directory, settings }).start()
process.stdout.write('ready\n')
