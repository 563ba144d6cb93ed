import { Field } from './parts.tsx'

interface SelectProps {
  readonly id: string
  readonly label: string
  /** What is offered: by itself, or with a title for each. */
  readonly values: readonly string[] | Readonly<Record<string, string>>
  /** In a form that is read when it is sent. */
  readonly name?: string
  /** With what happens when another is chosen. */
  readonly value?: string | undefined
  readonly onChange?: (value: string) => void
}

/** One of several, with its label. */
export function Select({ id, label, values, name, value, onChange }: SelectProps) {
  const titles = Array.isArray(values)
    ? values.map((one: string) => [one, one] as const)
    : Object.entries(values)
  return (
    <Field id={id} label={label}>
      {(control) => (
        <select
          {...control}
          {...(onChange === undefined ? { name } : { value })}
          disabled={titles.length === 0}
          onChange={({ target }) => onChange?.(target.value)}
        >
          {titles.map(([one, title]) => (
            <option key={one} value={one}>
              {title}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}
