/** How long something may take that happens by itself, for `expect.poll`. */
export const patience = { timeout: 15_000, interval: 5 } as const
