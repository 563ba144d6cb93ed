import { useState } from 'react'

import type { CachesAnswer, NewsItem } from '../api/types.ts'
import { count, moment, timeOfDay } from '../format.ts'
import { Choice, Empty, Figure } from '../parts/parts.tsx'
import { useNews } from './use-news.ts'
import { useConsole } from './use-console.ts'

const filters = {
  Everything: () => true,
  Invalidations: ({ kind }: NewsItem) => kind === 'invalidation',
  Troubles: ({ kind }: NewsItem) => kind !== 'invalidation' && kind !== 'eviction',
} as const

type Filter = keyof typeof filters

/** What happens to the caches, as it happens. */
export function NewsView() {
  const { news, instance } = useNews()
  const [filter, setFilter] = useState<Filter>('Everything')
  const [held, setHeld] = useState<readonly NewsItem[]>()
  const shown = (held ?? news).filter(filters[filter])
  return (
    <>
      <TransportState />
      <div className="toolbar">
        <Choice
          {...{ legend: 'Show', name: 'kind', className: 'choice-bare', value: filter }}
          options={Object.keys(filters) as Filter[]}
          onChange={setFilter}
        />
        <span
          className={`live-state live-state-${instance === undefined ? 'connecting' : 'live'}`}
          role="status"
        >
          {instance === undefined ? 'Connecting…' : `Live, ${instance}`}
        </span>
        <button
          type="button"
          className="button button-small"
          aria-pressed={held !== undefined}
          onClick={() => setHeld(held === undefined ? news : undefined)}
        >
          {held === undefined ? 'Hold' : 'Go on'}
        </button>
      </div>
      {shown.length === 0 ? (
        <Empty title="Nothing happened yet">
          <p>An order, a changed setting or a sign-out makes entries unreadable; each stands here at once.</p>
        </Empty>
      ) : (
        <ol className="news" aria-label="News of the caches">
          {shown.map((item) => (
            <Item key={`${item.id}/${item.atMs}`} item={item} />
          ))}
        </ol>
      )}
    </>
  )
}

function Item({ item: { atMs, kind, cache, text, names } }: { readonly item: NewsItem }) {
  return (
    <li className={`news-item news-${kind}`}>
      <time className="number muted" dateTime={new Date(atMs).toISOString()}>
        {timeOfDay(atMs)}
      </time>
      <span className="news-cache">{cache}</span>
      <span className="news-text">
        {text}
        {names.map((name, at) => (
          <span key={`${at}/${name}`} className="code">
            {' '}
            {name}
          </span>
        ))}
      </span>
    </li>
  )
}

/** How changes of other instances arrive, and which breakers ever opened. */
function TransportState() {
  const { data } = useConsole<CachesAnswer>('/web/caches', 3000)
  if (data === undefined) return null
  const of = (name: 'messages' | 'syncs' | 'publishFailures'): number =>
    data.caches.reduce((sum, cache) => sum + cache[name], 0)
  const notClosed = data.breakers.filter(({ state }) => state !== 'closed')
  return (
    <dl className="figures figures-wide">
      <Figure name="From other instances">
        {count(of('messages'))}
        <span className="sub">{data.transport === null ? 'by the store alone' : `by ${data.transport}`}</span>
      </Figure>
      <Figure name="Asked the store">
        {count(of('syncs'))}
        <span className="sub">whether memory is up to date</span>
      </Figure>
      <Figure name="Not sent">
        <span className={of('publishFailures') > 0 ? 'warn' : undefined}>{count(of('publishFailures'))}</span>
        <span className="sub">found in the store’s log instead</span>
      </Figure>
      <Figure name="Breakers">
        <span className={notClosed.length > 0 ? 'down' : 'up'}>
          {notClosed.length === 0 ? 'all closed' : `${notClosed.length} not closed`}
        </span>
        {data.breakers.map(({ breaker, state, sinceMs }) => (
          <span key={breaker} className="sub">
            {breaker}: {state} since {moment(sinceMs)}
          </span>
        ))}
      </Figure>
    </dl>
  )
}
