import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testTransport } from '@cache/conformance/vitest'
import { Publisher } from 'zeromq'
import { zeromq } from '../src/zeromq/index.ts'

/** A process that says anything: it joins as others do, and says it once somebody has subscribed. */
async function sayRaw(directory: string, text: string, prefix: string): Promise<void> {
  const path = join(directory, `raw-${Math.random().toString(36).slice(2)}.ipc`)
  const publisher = new Publisher({ linger: 100 })
  await publisher.bind(`ipc://${path}`)
  await new Promise((resolve) => setTimeout(resolve, 50))
  await publisher.send(`${prefix} ${text === '' ? '?' : text}`)
  await new Promise((resolve) => setTimeout(resolve, 20))
  publisher.close()
  await rm(path, { force: true })
}

testTransport({
  name: 'zeromq',
  publishedBy: 'engine',
  create: async () => {
    const directory = await mkdtemp(join(tmpdir(), 'bus-'))
    return {
      transport: () => zeromq({ directory }),
      sayRaw: (text, prefix) => sayRaw(directory, text, prefix),
      cleanup: () => rm(directory, { recursive: true, force: true }),
    }
  },
})
