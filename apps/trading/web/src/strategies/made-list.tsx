import { type ReactNode, useState } from 'react'

import { Confirm } from '../parts/dialog.tsx'
import { Empty } from '../parts/parts.tsx'

interface MadeListProps<T> {
  /** `strategy` or `workflow`. */
  readonly what: string
  readonly made: readonly T[]
  /** What one is for. */
  readonly about: string
  /** The form for a new one, which calls what it is given when it is done with. */
  readonly form: (onClose: () => void) => ReactNode
  readonly card: (one: T, onRemove: () => void) => ReactNode
  /** What the removal of one brings. */
  readonly loss: (one: T) => string
  readonly onRemove: (one: T) => void
}

/** What somebody has made, the newest first, with the form for another one. */
export function MadeList<T extends { readonly name: string }>(props: MadeListProps<T>) {
  const { what, made, about, form, card, loss, onRemove } = props
  const [isMaking, setIsMaking] = useState(false)
  const [removed, setRemoved] = useState<T>()
  const button = (
    <button type="button" className="button button-main" onClick={() => setIsMaking(true)}>
      Make a {what}
    </button>
  )
  return (
    <>
      {isMaking && form(() => setIsMaking(false))}
      {!isMaking && made.length > 0 && <div className="toolbar">{button}</div>}
      {!isMaking && made.length === 0 && (
        <Empty title={`There is no ${what} yet`}>
          <p>{about}</p>
          {button}
        </Empty>
      )}
      {made.toReversed().map((one) => card(one, () => setRemoved(one)))}
      {removed !== undefined && (
        <Confirm
          title={`Remove “${removed.name}”?`}
          text={loss(removed)}
          verb="Remove it"
          onConfirm={() => onRemove(removed)}
          onClose={() => setRemoved(undefined)}
        />
      )}
    </>
  )
}
