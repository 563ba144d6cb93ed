import type { TelegramPreferences } from './telegram-users.ts'

/** Tells people what happened; without a bot, nobody. */
export interface Notifier {
  notify(userId: number, about: keyof TelegramPreferences, text: string): Promise<void>
}

/** Passes on to whoever is set once the app runs. */
export class LateNotifier implements Notifier {
  #to: Notifier | undefined

  set to(notifier: Notifier) {
    this.#to = notifier
  }

  async notify(userId: number, about: keyof TelegramPreferences, text: string): Promise<void> {
    await this.#to?.notify(userId, about, text)
  }
}
