import { roundsOf, runRounds, type Results } from '../rounds.ts'
import { rounded } from '../statistics.ts'
import type { Figures, Suite } from '../suite.ts'
import { rate, table, type Column } from '../table.ts'
import { cryptoParts, type CryptoPart } from '../workloads/crypto.ts'

interface Operation {
  readonly part: CryptoPart
  readonly metric: string
  readonly label: string
}

const operations: readonly Operation[] = [
  { part: 'sealing', metric: 'plainEncrypt', label: 'AES-256-GCM, kept key: encrypt 512 B (floor)' },
  { part: 'sealing', metric: 'encrypt', label: '@cache/crypto: encrypt 512 B' },
  { part: 'sealing', metric: 'sign', label: '@cache/crypto: sign 512 B' },
  { part: 'sealing', metric: 'plainDecrypt', label: 'AES-256-GCM, kept key: decrypt 512 B (floor)' },
  { part: 'sealing', metric: 'decrypt', label: '@cache/crypto: decrypt 512 B' },
  { part: 'sealing', metric: 'verify', label: '@cache/crypto: verify 512 B' },
  { part: 'sealing', metric: 'hashKey', label: '@cache/crypto: hash a key' },
  { part: 'entries', metric: 'plainGet', label: 'get from SQLite, plain' },
  { part: 'entries', metric: 'encryptedGet', label: 'get from SQLite, encrypted' },
  { part: 'audit', metric: 'sensitive', label: 'get from memory, encrypted' },
  { part: 'audit', metric: 'auditedSensitive', label: 'get from memory, encrypted, with audit' },
  { part: 'audit', metric: 'plain', label: 'get from memory, plain' },
  { part: 'audit', metric: 'audited', label: 'get from memory, plain, with audit' },
]

export const cryptoSuite: Suite = {
  name: 'crypto',
  summary: 'encryption, signatures, hashed keys, a million forgeries, the audit (2 minutes)',
  async run({ quick }) {
    const rows = cryptoParts.map((part) => ({
      id: part,
      workload: 'crypto',
      contender: 'cache',
      parameters: { part, quick: Number(quick) },
      headline: part !== 'mutations',
    }))
    const results = await runRounds(rows, roundsOf(quick))
    return {
      blocks: [table(columnsOf(results), operations)],
      figures: figuresOf(results),
      failures: results.failures,
    }
  },
}

function columnsOf(results: Results): Column<Operation>[] {
  return [
    { title: 'operation', cell: ({ label }) => label },
    { title: 'µs', cell: ({ part, metric }) => microseconds(results, part, metric)?.toFixed(2) ?? '–' },
    { title: '/s', cell: ({ part, metric }) => rate(results.median(part, metric)) },
  ]
}

function figuresOf(results: Results): Figures {
  const figures = {
    encrypt_vs_plain_gcm: results.ratio(['sealing', 'plainEncrypt'], ['sealing', 'encrypt']),
    decrypt_vs_plain_gcm: results.ratio(['sealing', 'plainDecrypt'], ['sealing', 'decrypt']),
    encrypt_512B_us: microseconds(results, 'sealing', 'encrypt'),
    decrypt_512B_us: microseconds(results, 'sealing', 'decrypt'),
    sign_512B_us: microseconds(results, 'sealing', 'sign'),
    verify_512B_us: microseconds(results, 'sealing', 'verify'),
    key_hash_us: microseconds(results, 'sealing', 'hashKey'),
    encrypted_sqlite_get_vs_plain: results.ratio(['entries', 'encryptedGet'], ['entries', 'plainGet']),
    audit_read_us: difference(results, 'auditedSensitive', 'sensitive'),
    audit_read_of_plain_cache_us: difference(results, 'audited', 'plain'),
    mutations: results.median('mutations', 'mutations'),
    mutations_accepted: results.median('mutations', 'accepted'),
  }
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, rounded(value)]))
}

function microseconds(results: Results, part: CryptoPart, metric: string): number | undefined {
  const perSecond = results.median(part, metric)
  return perSecond === undefined ? undefined : 1e6 / perSecond
}

/** What a call costs more with the audit than without. */
function difference(results: Results, audited: string, plain: string): number | undefined {
  const [one, other] = [microseconds(results, 'audit', audited), microseconds(results, 'audit', plain)]
  return one === undefined || other === undefined ? undefined : one - other
}
