import type { EntryStore } from '@cache/core'

type Method = Exclude<keyof EntryStore, 'payloads' | 'local'>

/**
 * A store whose calls and answers are told. It looks at the same promises that the caller gets, so that a traced run
 * takes the same steps as one that is not.
 */
export function tracedStore(store: EntryStore, label: string, trace: (line: string) => void): EntryStore {
  return new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...parameters: unknown[]): unknown => {
        const call = `${label} ${name as Method}(${parameters.map(shown).join(', ')})`
        trace(call)
        const reply = member.apply(target, parameters) as Promise<unknown>
        reply.then(
          (value) => trace(`${call} → ${shown(value)}`),
          (error: unknown) => trace(`${call} ✗ ${String(error)}`),
        )
        return reply
      }
    },
  })
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? 'undefined'
}
