import type { TransportFixture, TransportHarness } from '@cache/conformance'
import { testTransport } from '@cache/conformance/vitest'
import { systemClock } from '@cache/core'
import type { InvalidationMessage } from '@cache/core'
import { redis } from '@cache/redis'
import { KeyLayout } from '@cache/resp'
import { TcpProxy, TestServer } from '@cache/tooling-servers'
import { valkey } from '@cache/valkey'
import { afterAll } from 'vitest'
import { pubSub } from '../src/pubsub/index.ts'

/** What the scripts publish; the sequence that cases begin with is 0. */
function published({ epoch, invalidation }: InvalidationMessage): string {
  const { sequence, first = sequence } = invalidation
  const what =
    invalidation.kind === 'keys'
      ? { k: invalidation.keys }
      : invalidation.kind === 'tags'
        ? { t: invalidation.tags }
        : { c: true }
  return JSON.stringify({ e: epoch, s: sequence, n: sequence - first + 1, ...what })
}

function touching(server: TestServer): Pick<TransportFixture, 'touch' | 'empty'> {
  return {
    touch: async (keys, prefix) => {
      const base = new KeyLayout(prefix, 'cases').entries(1)
      for (const key of keys) await server.command(['SET', base + key, 'theirs'])
    },
    empty: async () => void (await server.command(['FLUSHALL'])),
  }
}

for (const [kind, open] of [
  ['redis', redis],
  ['valkey', valkey],
] as const) {
  const server = await TestServer.start({ kind })
  afterAll(() => server.stop())
  const place = (tracking: boolean): TransportHarness => ({
    name: `pub/sub of ${kind}${tracking ? ' that tracks' : ''}`,
    publishedBy: 'backend',
    create: async () => {
      const proxy = await TcpProxy.start(server.port)
      const backend = open({ url: proxy.url })
      await backend.start({ prefix: 'conformance', clock: systemClock, report: () => undefined })
      let said: Promise<unknown> = Promise.resolve()
      const say = async (text: string, prefix: string): Promise<void> => {
        said = said.then(() => server.command(['PUBLISH', new KeyLayout(prefix, 'cases').channel, text]))
        await said
      }
      return {
        transport: () => pubSub({ backend, tracking }),
        say: (message, prefix) => say(published(message), prefix),
        sayRaw: say,
        cut: async () => proxy.cut(),
        ...(tracking ? touching(server) : {}),
        cleanup: async () => {
          await backend.close()
          await proxy.stop()
        },
      }
    },
  })
  for (const tracking of [false, true]) testTransport(place(tracking))
}
