import { useEffect, useState } from 'react'

import { navigate, useAddress } from '../router.tsx'
import { Notice } from '../parts/parts.tsx'
import { ApiKeysSection } from './api-keys-section.tsx'
import { BrokerSection } from './broker-section.tsx'
import { MasterSection } from './master-section.tsx'

const faults: Readonly<Record<string, string>> = {
  denied: 'You did not give your consent; the broker is not connected.',
  code: 'The broker’s answer was too old or used already. Connect again.',
  state: 'The broker’s answer did not belong to this session. Connect again.',
}

/** Everything that the app is connected to: broker, master, API clients. */
export function ConnectionsPage() {
  const { searchParams } = useAddress()
  const [arrival] = useState(() => ({
    fault: searchParams.get('fault'),
    connected: searchParams.has('connected'),
  }))
  useEffect(() => navigate('/connections', { replace: true }), [])
  const fault = arrival.fault === null ? undefined : (faults[arrival.fault] ?? 'The broker refused.')
  return (
    <>
      <h1>Connections</h1>
      {fault !== undefined && <Notice kind="fault">{fault}</Notice>}
      {arrival.connected && <Notice kind="good">The broker is connected.</Notice>}
      <div className="sections">
        <BrokerSection />
        <MasterSection />
        <ApiKeysSection />
      </div>
    </>
  )
}
