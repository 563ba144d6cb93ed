/** How long something may take that happens by itself, for `expect.poll`. */
export const patience = { timeout: 15_000, interval: 5 } as const

/** The same on a cluster: a failover whose first election fails takes its time. */
export const clusterPatience = { timeout: 45_000, interval: 10 } as const
