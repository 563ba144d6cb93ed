import type { Lease, Timer } from '@cache/ports'
import type { CacheContext } from '../engine/cache-context.ts'

/** Renews a lease while its loader runs; cancelling the result ends that. */
export function renewLease<V>(
  { clock, store, policy }: CacheContext<V>,
  storedKey: string,
  lease: Lease,
): Timer {
  const { leaseMs } = policy.loading
  let timer: Timer | undefined
  const renew = async (): Promise<void> => {
    // A renewal that failed is tried again; one that was refused has nothing left to renew.
    const held = await store.renew(storedKey, lease, leaseMs).catch(() => true)
    if (held && timer) arm()
  }
  const arm = (): void => {
    timer = clock.setTimer(leaseMs / 3, () => void renew())
  }
  arm()
  return {
    cancel: () => {
      timer?.cancel()
      timer = undefined
    },
  }
}
