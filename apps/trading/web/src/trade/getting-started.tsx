import type { BrokerAnswer, MasterStatus } from '../api/types.ts'
import { MasterProgress } from '../connections/master-progress.tsx'
import { useConnect, useDownload } from '../connections/use-broker.ts'
import { Notice } from '../parts/parts.tsx'

interface GettingStartedProps {
  readonly broker: BrokerAnswer
  readonly master: MasterStatus
}

/** The two steps before anything can be traded. */
export function GettingStarted({ broker, master }: GettingStartedProps) {
  const connect = useConnect()
  const download = useDownload()
  const connected = broker.connection !== null
  const busy = master.phase === 'importing' || master.phase === 'restoring'
  const fault = connect.fault ?? download.fault ?? master.fault?.message
  return (
    <section className="steps" aria-labelledby="steps-title">
      <h1 id="steps-title">Two steps before the first trade</h1>
      {fault !== undefined && <Notice kind="fault">{fault}</Notice>}
      <ol>
        <li className={connected ? 'step done' : 'step'}>
          <div>
            <h2>Connect your broker</h2>
            <p>{broker.name} asks for your consent on its own page and sends you back here.</p>
          </div>
          {connected ? (
            <span className="step-done">Connected</span>
          ) : (
            <button
              type="button"
              className="button button-main"
              onClick={connect.run}
              disabled={connect.busy}
            >
              Connect
            </button>
          )}
        </li>
        <li className={master.instruments > 0 ? 'step done' : 'step'}>
          <div>
            <h2>Download the instrument master</h2>
            <p>Every share, future and option that can be traded. It is kept for the next start.</p>
            <MasterProgress status={master} />
          </div>
          {master.instruments > 0 ? (
            <span className="step-done">Downloaded</span>
          ) : (
            <button
              type="button"
              className="button button-main"
              onClick={() => download.run(false)}
              disabled={!connected || busy || download.busy}
            >
              {busy ? 'Reading…' : 'Download'}
            </button>
          )}
        </li>
      </ol>
    </section>
  )
}
