import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, it, onTestFinished } from 'vitest'
import { channels, onCacheEvent } from '../../src/events/channels.ts'

const names = [
  'cache:read',
  'cache:load',
  'cache:change',
  'cache:arrival',
  'cache:evict',
  'cache:operation',
  'cache:slow',
  'cache:failure',
  'cache:denied',
  'cache:breaker',
  'cache:report',
] as const

describe('the channels of events', () => {
  it('are those that node:diagnostics_channel knows by the same names', () => {
    expect(Object.keys(channels)).toEqual(names)
    for (const name of names) expect(channels[name]).toBe(channel(name))
  })

  it.each(names)(
    '%s is heard by who subscribes to its name, and by onCacheEvent until it is stopped',
    (name) => {
      const heard: unknown[] = []
      const listener = (event: unknown): void => void heard.push(['by name', event])
      subscribe(name, listener)
      onTestFinished(() => void unsubscribe(name, listener))
      const stop = onCacheEvent(name, (event) => heard.push(['by onCacheEvent', event]))
      const event = { prefix: 'cache', cache: 'values' }
      channels[name].publish(event as never)
      stop()
      channels[name].publish(event as never)
      expect(heard).toEqual([
        ['by name', event],
        ['by onCacheEvent', event],
        ['by name', event],
      ])
    },
  )
})
