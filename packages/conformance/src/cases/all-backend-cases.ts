import type { BackendConcern } from '../backend-case.ts'
import { bounds } from './bounds.ts'
import { changes } from './changes.ts'
import { changesSince } from './changes-since.ts'
import { closing } from './closing.ts'
import { concurrency } from './concurrency.ts'
import { conditions } from './conditions.ts'
import { declarations } from './declarations.ts'
import { fills } from './fills.ts'
import { hostileInput } from './hostile-input.ts'
import { leases } from './leases.ts'
import { localTier } from './local-tier.ts'
import { payloads } from './payloads.ts'
import { persistence } from './persistence.ts'
import { probes } from './probes.ts'
import { purging } from './purging.ts'
import { reads } from './reads.ts'
import { releases } from './releases.ts'
import { scans } from './scans.ts'
import { sharing } from './sharing.ts'
import { steps } from './steps.ts'
import { tags } from './tags.ts'
import { times } from './times.ts'

/** The contract of a backend, by concern. */
export const allBackendCases: readonly BackendConcern[] = [
  declarations,
  reads,
  changes,
  leases,
  releases,
  fills,
  tags,
  conditions,
  times,
  scans,
  changesSince,
  probes,
  purging,
  bounds,
  concurrency,
  steps,
  closing,
  sharing,
  persistence,
  localTier,
  hostileInput,
  payloads,
]
