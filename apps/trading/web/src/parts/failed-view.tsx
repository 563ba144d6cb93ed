import { Component, type ReactNode } from 'react'

import { Empty } from './parts.tsx'

interface FailedViewProps {
  readonly children: ReactNode
}

interface FailedViewState {
  readonly hasFailed: boolean
}

/** Stands in the place of what failed within it, so that the rest of the page goes on. React takes a class for it alone. */
export class FailedView extends Component<FailedViewProps, FailedViewState> {
  override readonly state: FailedViewState = { hasFailed: false }

  static getDerivedStateFromError(): FailedViewState {
    return { hasFailed: true }
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children
    return (
      <Empty title="This can't be shown right now">
        <p role="alert">The server may be away, or have another version than this page.</p>
        <button type="button" className="button" onClick={() => window.location.reload()}>
          Load the page again
        </button>
      </Empty>
    )
  }
}
