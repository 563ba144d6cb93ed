import type { ReactNode } from 'react'

interface FieldProps {
  readonly id: string
  readonly label: string
  readonly hint?: ReactNode
  readonly fault?: string | undefined
  readonly children: (described: {
    readonly id: string
    readonly 'aria-describedby'?: string
    readonly 'aria-invalid'?: true
  }) => ReactNode
}

/** A label, a control, and what is wrong with it. */
export function Field({ id, label, hint, fault, children }: FieldProps) {
  const noteId = `${id}-note`
  const described = fault === undefined && hint === undefined ? { id } : { id, 'aria-describedby': noteId }
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(fault === undefined ? described : { ...described, 'aria-invalid': true })}
      {fault !== undefined ? (
        <p id={noteId} className="note note-fault">
          {fault}
        </p>
      ) : (
        hint !== undefined && (
          <p id={noteId} className="note">
            {hint}
          </p>
        )
      )}
    </div>
  )
}

interface NoticeProps {
  readonly kind: 'fault' | 'good' | 'plain'
  readonly children: ReactNode
}

/** Something that just happened; read out by screen readers. */
export function Notice({ kind, children }: NoticeProps) {
  return (
    <div className={`notice notice-${kind}`} role={kind === 'fault' ? 'alert' : 'status'}>
      {children}
    </div>
  )
}

interface EmptyProps {
  readonly title: string
  readonly children: ReactNode
}

/** Why there is nothing here, and what to do about it. */
export function Empty({ title, children }: EmptyProps) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      <div>{children}</div>
    </div>
  )
}

interface ChoiceProps<T extends string> {
  readonly legend: string
  readonly name: string
  readonly options: readonly T[]
  readonly value: T
  readonly onChange: (value: T) => void
  readonly className?: string
  readonly disabled?: readonly T[]
}

/** A few choices side by side; radio buttons underneath, so arrow keys work. */
export function Choice<T extends string>(props: ChoiceProps<T>) {
  const { legend, name, options, value, onChange, className = '', disabled = [] } = props
  return (
    <fieldset className={`choice ${className}`}>
      <legend>{legend}</legend>
      <div className="choice-options">
        {options.map((option) => (
          <label key={option} className="choice-option" data-value={option}>
            <input
              type="radio"
              name={name}
              value={option}
              checked={option === value}
              disabled={disabled.includes(option)}
              onChange={() => onChange(option)}
            />
            <span>{option}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}

/** A number beside its name. */
export function Figure({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
