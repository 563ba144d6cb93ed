import { Tabs, useTab } from '../parts/tabs.tsx'
import { AuditView } from './audit-view.tsx'
import { EntriesView } from './entries-view.tsx'
import { InstanceSwitch } from './instance-switch.tsx'
import { KeysView } from './keys-view.tsx'
import { NewsView } from './news-view.tsx'
import { Overview } from './overview.tsx'

const tabs = {
  overview: 'Overview',
  entries: 'Entries',
  live: 'Live',
  keys: 'Keys',
  audit: 'Audit trail',
} as const

const views = { overview: Overview, entries: EntriesView, live: NewsView, keys: KeysView, audit: AuditView }

/** How the caches do, what is in them, and the means to change it. */
export function CachesPage() {
  const tab = useTab(tabs)
  const View = views[tab]
  return (
    <>
      <div className="toolbar">
        <h1>Caches</h1>
        <InstanceSwitch />
      </div>
      <Tabs label="Parts of the console" path="/caches" tabs={tabs} />
      <View />
    </>
  )
}
