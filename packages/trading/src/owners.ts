/** Whom an entry belongs to: it goes when one of them is cleared. */
export interface Owners {
  readonly userId?: string | undefined
  readonly brokerId?: string | undefined
  readonly connectionId?: string | undefined
  readonly accountId?: string | undefined
}

const kinds = {
  userId: 'user',
  brokerId: 'broker',
  connectionId: 'connection',
  accountId: 'account',
} as const

/** The tags of what belongs to these owners; give them to entries of your own caches that are to go with them. */
export function ownerTags(owners: Owners): string[] {
  return Object.entries(kinds).flatMap(([field, kind]) => {
    const id = owners[field as keyof Owners]
    return id === undefined ? [] : [`${kind}:${id}`]
  })
}
