import { Tabs, useTab } from '../parts/tabs.tsx'
import { useSignedIn } from '../session/session.tsx'
import { CalendarView } from './calendar-view.tsx'
import { FreezeView } from './freeze-view.tsx'
import { OwnSettings } from './own-settings.tsx'
import { ProtectionView } from './protection-view.tsx'
import { TelegramView } from './telegram-view.tsx'

const own = { own: 'Yours', telegram: 'Telegram' } as const
const all = {
  ...own,
  app: 'The app',
  calendar: 'Calendar',
  freeze: 'Freeze quantities',
} as const

const views = {
  own: OwnSettings,
  telegram: TelegramView,
  app: ProtectionView,
  calendar: CalendarView,
  freeze: FreezeView,
}

/** What can be set: by everybody, and by administrators. */
export function SettingsPage() {
  const { user } = useSignedIn()
  const tabs: Readonly<Partial<typeof all>> = user.isAdmin ? all : own
  const tab = useTab(tabs as typeof all)
  const View = views[tab]
  return (
    <>
      <h1>Settings</h1>
      <Tabs label="Settings" path="/settings" tabs={tabs} />
      <View />
    </>
  )
}
