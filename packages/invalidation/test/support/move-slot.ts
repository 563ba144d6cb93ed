import type { TestCluster } from '@cache/tooling-servers'

/** Moves the slot of a key to another primary, empty. */
export async function moveSlot({ primaries }: TestCluster, key: string): Promise<void> {
  const slot = Number(await primaries[0]?.command(['CLUSTER', 'KEYSLOT', key]))
  const owner = primaries[Math.floor((slot * 3) / 16_384)]
  const target = primaries.find((node) => node !== owner)
  const id = String(await target?.command(['CLUSTER', 'MYID']))
  await owner?.command(['FLUSHALL'])
  for (const node of [target, owner, ...primaries])
    await node?.command(['CLUSTER', 'SETSLOT', slot, 'NODE', id])
}
