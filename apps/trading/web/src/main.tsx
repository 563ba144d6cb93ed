import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { FailedView } from './parts/failed-view.tsx'
import { Views } from './views.tsx'
import { SessionProvider } from './session/session.tsx'
import './styles/base.css'
import './styles/controls.css'
import './styles/layout.css'
import './styles/trade.css'
import './styles/tables.css'
import './styles/parts.css'
import './styles/market.css'
import './styles/console.css'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <FailedView>
      <SessionProvider>
        <Views />
      </SessionProvider>
    </FailedView>
  </StrictMode>,
)
