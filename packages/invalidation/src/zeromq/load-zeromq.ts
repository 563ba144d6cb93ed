import { CacheError } from '@cache/ports'
import type * as Zeromq from 'zeromq'

/** The optional package, looked for only where it is used. */
export async function loadZeromq(): Promise<typeof Zeromq> {
  try {
    return await import('zeromq')
  } catch (error) {
    throw new CacheError(
      'TRANSPORT_FAILED',
      'zeromq() needs the package zeromq, which could not be loaded: npm install zeromq@6',
      { cause: error },
    )
  }
}
