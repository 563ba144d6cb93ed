import { type LoadContext, warm, type WarmProgress } from '@cache/core'

import type { App } from './app.ts'
import { kolkataDate } from './calendar/kolkata.ts'
import type { User } from './users/user-store.ts'

/** Fills what every request needs before the first one comes: settings, calendar, freeze quantities, who is signed in. */
export async function warmUp(app: App, onProgress: (progress: WarmProgress) => void): Promise<void> {
  const today = kolkataDate(app.clock.wallMs())
  await Promise.all([
    app.appSettings.get(),
    app.calendar.holidays(Number(today.slice(0, 4))),
    app.calendar.timings(today),
    ...['NFO', 'BFO'].map((exchange) => app.freezes.of({ exchange, underlying: undefined, symbol: '' })),
  ])
  const signedIn = await app.sessionTable.usersSignedIn(app.clock.wallMs())
  const load = (userId: number, { setTags }: LoadContext<User>): Promise<User | undefined> => {
    setTags([`user:${userId}`])
    return app.users.read(userId)
  }
  await warm(app.caches.users, signedIn, load, { onProgress })
  for (const userId of signedIn) await app.connections.token(userId)
}
