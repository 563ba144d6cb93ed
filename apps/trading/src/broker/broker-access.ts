import { RequestFault } from '../server/request-fault.ts'
import type { BrokerConnections } from './broker-connections.ts'

/** Gives out the broker's token to those who are connected, and says what to do to those who aren't. */
export class BrokerAccess {
  readonly #connections: BrokerConnections

  constructor(connections: BrokerConnections) {
    this.#connections = connections
  }

  /** @throws RequestFault 403 when the user is not connected. */
  async token(userId: number): Promise<string> {
    const token = await this.#connections.token(userId)
    if (token !== undefined) return token
    throw new RequestFault(403, 'The broker is not connected. Sign in to the web console and connect it', {
      code: 'BROKER_NOT_CONNECTED',
    })
  }
}
