import { Tabs, useTab } from '../parts/tabs.tsx'
import { WorkflowsView } from '../workflows/workflows-view.tsx'
import { StrategiesView } from './strategies-view.tsx'

const tabs = { strategies: 'Strategies', workflows: 'Workflows' } as const

/** What trades by itself, or when a webhook is called. */
export function StrategiesPage() {
  const tab = useTab(tabs)
  return (
    <>
      <h1>Strategies</h1>
      <Tabs label="What trades by itself" path="/strategies" tabs={tabs} />
      {tab === 'strategies' ? <StrategiesView /> : <WorkflowsView />}
    </>
  )
}
