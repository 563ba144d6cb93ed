import { useState } from 'react'

import { post } from '../api/client.ts'
import type { CachesAnswer } from '../api/types.ts'
import { useAction } from '../api/use-action.ts'
import { bytes, count, duration, percent } from '../format.ts'
import { Confirm } from '../parts/dialog.tsx'
import { NotYet } from '../parts/not-yet.tsx'
import { Figure, Notice } from '../parts/parts.tsx'
import { useAddress } from '../router.tsx'
import { CacheCharts } from './cache-charts.tsx'
import { CacheFacts } from './cache-facts.tsx'
import { CacheTable } from './cache-table.tsx'
import { useConsole } from './use-console.ts'

/** How each cache does now and did lately. */
export function Overview() {
  const { data, error, refresh } = useConsole<CachesAnswer>('/web/caches', 2000)
  const chosen = useAddress().searchParams.get('cache') ?? undefined
  const [done, setDone] = useState<string>()
  const [asked, setAsked] = useState<string>()
  const row = data?.caches.find((one) => one.cache === chosen)
  const act = useAction(async (path: string, body: object, text: string) => {
    setDone(undefined)
    await post(path, body)
    refresh()
    setDone(text)
  })
  if (data === undefined) return <NotYet what="the caches" error={error} />
  return (
    <>
      <Totals answer={data} />
      <Warnings answer={data} />
      <CacheCharts cache={chosen} />
      {row !== undefined && <CacheFacts row={row} />}
      {act.fault !== undefined && <Notice kind="fault">{act.fault}</Notice>}
      {done !== undefined && <Notice kind="good">{done}</Notice>}
      <CacheTable
        caches={data.caches}
        chosen={chosen}
        onClear={(name) => act.run(`/web/caches/${name}/clear`, {}, `“${name}” is empty; reads load anew.`)}
        onClearDomain={setAsked}
      />
      {asked !== undefined && (
        <Confirm
          title={`Clear every cache of “${asked}”?`}
          text="In every instance. Nothing is lost: what is read afterwards is loaded anew from where it came from."
          verb="Clear them"
          onConfirm={() =>
            act.run('/web/caches/clear-domain', { domain: asked }, `The caches of “${asked}” are empty.`)
          }
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  )
}

function Totals({ answer }: { readonly answer: CachesAnswer }) {
  const { caches, symbols, backend, transport, uptimeMs, local, health, instance } = answer
  const of = (name: 'hits' | 'misses' | 'localHits' | 'messages'): number =>
    caches.reduce((sum, cache) => sum + cache[name], 0)
  const reads = of('hits') + of('misses')
  return (
    <dl className="figures figures-wide">
      <Figure name="Hit rate">{reads === 0 ? '–' : percent(of('hits') / reads)}</Figure>
      <Figure name="From memory">{reads === 0 ? '–' : percent(of('localHits') / reads)}</Figure>
      <Figure name="Reads">{count(reads)}</Figure>
      <Figure name="Memory in use">
        {bytes(local.usedBytes)}
        {local.maxBytes !== null && (
          <>
            <span className="sub">of {bytes(local.maxBytes)}</span>
            <meter
              aria-label="Memory in use"
              min={0}
              max={local.maxBytes}
              value={local.usedBytes}
              high={local.maxBytes * 0.9}
            />
          </>
        )}
      </Figure>
      <Figure name="Store">
        {backend}
        <span className={`sub ${health.healthy ? 'up' : 'down'}`}>
          {health.healthy ? 'healthy' : 'failing'}
        </span>
        {transport !== null && <span className="sub">changes by {transport}</span>}
      </Figure>
      <Figure name="Symbol index">
        {bytes(symbols.bytes)}
        <span className="sub">{count(symbols.lookups)} look-ups</span>
      </Figure>
      <Figure name="Up">
        {duration(uptimeMs)}
        <span className="sub">{instance}</span>
      </Figure>
    </dl>
  )
}

/** Whatever needs somebody: steps of the health check that failed, breakers that are not closed. */
function Warnings({ answer: { health, breakers } }: { readonly answer: CachesAnswer }) {
  const failed = Object.entries(health.operations).filter(([, works]) => !works)
  const open = breakers.filter(({ state }) => state !== 'closed')
  const lines = [
    ...failed.map(
      ([operation]) => `The store does not ${operation}; reads are answered from memory or loaded.`,
    ),
    ...open.map(({ breaker, state }) => `The breaker of ${breaker} is ${state}; it tries again by itself.`),
    ...health.warnings,
  ]
  if (lines.length === 0) return null
  return (
    <Notice kind={health.healthy && open.length === 0 ? 'plain' : 'fault'}>
      <ul className="plain-list">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </Notice>
  )
}
