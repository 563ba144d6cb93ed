import { envelopes } from './envelopes.ts'
import { masters, symbolSnapshots, transferFiles } from './files.ts'
import { keys } from './keys.ts'
import { auditLines, serverMessages, serverValues, transportMessages } from './messages.ts'
import { payloads, values } from './stored-values.ts'
import type { MakeTarget } from './target.ts'

/** Everything that reads what others may have written. */
export const targets: Readonly<Record<string, MakeTarget>> = {
  values: () => values,
  payloads: () => payloads,
  keys: () => keys,
  envelopes,
  'transport messages': () => transportMessages,
  'server messages': () => serverMessages,
  'server values': () => serverValues,
  'audit lines': () => auditLines,
  'transfer files': transferFiles,
  'instrument masters': () => masters,
  'symbol snapshots': symbolSnapshots,
}
