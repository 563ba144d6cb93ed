import { post } from '../api/client.ts'
import type { BrokerAnswer } from '../api/types.ts'
import { usePolled } from '../api/use-polled.ts'
import { moment } from '../format.ts'
import { Figure, Notice } from '../parts/parts.tsx'
import { useAction } from '../api/use-action.ts'
import { useConnect } from './use-broker.ts'

/** The broker, and whether it takes our orders. */
export function BrokerSection() {
  const { data, put, error } = usePolled<BrokerAnswer>('/web/broker', 15_000)
  const connect = useConnect()
  const disconnect = useAction(async () => put(await post<BrokerAnswer>('/web/broker/disconnect')))
  const fault = connect.fault ?? disconnect.fault ?? error?.message
  return (
    <section className="card" aria-labelledby="broker-title">
      <h2 id="broker-title">Broker</h2>
      {fault !== undefined && <Notice kind="fault">{fault}</Notice>}
      {data?.connection === null && (
        <>
          <p>Not connected. {data.name} asks for your consent on its own page.</p>
          <button type="button" className="button button-main" onClick={connect.run} disabled={connect.busy}>
            Connect {data.name}
          </button>
        </>
      )}
      {data?.connection != null && (
        <>
          <dl className="figures">
            <Figure name="Broker">{data.name}</Figure>
            <Figure name="Account">{data.connection.account}</Figure>
            <Figure name="Connected">{moment(data.connection.connectedAtMs)}</Figure>
            <Figure name="Sign-in ends">{moment(data.connection.expiresAtMs)}</Figure>
          </dl>
          <button type="button" className="button" onClick={disconnect.run} disabled={disconnect.busy}>
            Disconnect
          </button>
        </>
      )}
    </section>
  )
}
