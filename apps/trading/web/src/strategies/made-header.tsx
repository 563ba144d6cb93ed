import { moment } from '../format.ts'

interface MadeHeaderProps {
  /** Of the heading. */
  readonly id: string
  readonly made: { readonly name: string; readonly isActive: boolean; readonly createdAtMs: number }
  readonly onActive: (isActive: boolean) => void
  readonly onRemove: () => void
}

/** Name and state of a strategy or a workflow, and the means to change them. */
export function MadeHeader({
  id,
  made: { name, isActive, createdAtMs },
  onActive,
  onRemove,
}: MadeHeaderProps) {
  return (
    <header className="toolbar">
      <div>
        <h2 id={id}>
          {name}{' '}
          <span className={isActive ? 'badge badge-complete' : 'badge'}>
            {isActive ? 'active' : 'stopped'}
          </span>
        </h2>
        <p className="note">since {moment(createdAtMs)}</p>
      </div>
      <div className="row-actions">
        <button type="button" className="button button-small" onClick={() => onActive(!isActive)}>
          {isActive ? 'Stop' : 'Start'}
          <span className="hidden"> {name}</span>
        </button>
        <button type="button" className="button button-small" onClick={onRemove}>
          Remove<span className="hidden"> {name}</span>
        </button>
      </div>
    </header>
  )
}
