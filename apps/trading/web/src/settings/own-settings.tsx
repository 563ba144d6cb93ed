import { Choice, Notice } from '../parts/parts.tsx'
import { useSignedIn } from '../session/session.tsx'
import { OwnSessions } from './own-sessions.tsx'

const themes = ['system', 'light', 'dark'] as const
const products = ['MIS', 'CNC', 'NRML'] as const
const modes = ['live', 'analyze'] as const

/** What one person has chosen; it follows to every browser. */
export function OwnSettings() {
  const { settings, change } = useSignedIn()
  return (
    <div className="sections">
      <section className="card" aria-labelledby="mode-title">
        <h2 id="mode-title">Your orders</h2>
        <Choice
          {...{ legend: 'Order mode', name: 'order-mode', options: modes, value: settings.orderMode }}
          onChange={(orderMode) => change({ orderMode })}
        />
        <Notice kind={settings.orderMode === 'live' ? 'plain' : 'good'}>
          {settings.orderMode === 'live'
            ? 'Orders go to the broker, from this page, from API clients, strategies and workflows.'
            : 'Orders are checked and answered, and nothing is sent to the broker.'}
        </Notice>
        <Choice
          {...{
            legend: 'Product of a new order',
            name: 'usual-product',
            options: products,
            value: settings.product,
          }}
          onChange={(product) => change({ product })}
        />
      </section>
      <section className="card" aria-labelledby="look-title">
        <h2 id="look-title">Appearance</h2>
        <Choice
          {...{ legend: 'Colours', name: 'theme', options: themes, value: settings.theme }}
          onChange={(theme) => change({ theme })}
        />
        <p className="note">“system” follows what your device is set to.</p>
      </section>
      <OwnSessions />
      <Keyboard />
    </div>
  )
}

function Keyboard() {
  return (
    <section className="card" aria-labelledby="keyboard-title">
      <h2 id="keyboard-title">Keyboard</h2>
      <dl className="shortcuts">
        <dt>
          <kbd>/</kbd>
        </dt>
        <dd>to the search of the trading desk</dd>
        <dt>
          <kbd>↑</kbd> <kbd>↓</kbd> <kbd>Enter</kbd>
        </dt>
        <dd>through results, the watchlist and the option chain</dd>
        <dt>
          <kbd>Alt</kbd> <kbd>↑</kbd> <kbd>↓</kbd>
        </dt>
        <dd>moves a row of the watchlist</dd>
        <dt>
          <kbd>Delete</kbd>
        </dt>
        <dd>takes it away</dd>
        <dt>
          <kbd>Esc</kbd>
        </dt>
        <dd>empties the search, closes what is open over the page</dd>
      </dl>
    </section>
  )
}
