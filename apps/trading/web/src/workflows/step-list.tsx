import { stepText, type WorkflowStep } from './step-text.ts'

interface StepListProps {
  readonly steps: readonly WorkflowStep[]
  readonly onChange: (steps: readonly WorkflowStep[]) => void
}

/** The steps of a workflow that is being made, to be put in order or left out. */
export function StepList({ steps, onChange }: StepListProps) {
  const earlier = (at: number): void => {
    const step = steps[at]
    if (step !== undefined) onChange(steps.toSpliced(at, 1).toSpliced(at - 1, 0, step))
  }
  if (steps.length === 0) return null
  return (
    <ol className="step-list">
      {steps.map((step, at) => (
        <li key={`${at}/${stepText(step)}`}>
          <span>{stepText(step)}</span>
          <span className="row-actions">
            <button
              type="button"
              className="row-button"
              aria-label={`Step ${at + 1} earlier`}
              disabled={at === 0}
              onClick={() => earlier(at)}
            >
              <span aria-hidden="true">↑</span>
            </button>
            <button
              type="button"
              className="row-button"
              aria-label={`Leave step ${at + 1} out`}
              onClick={() => onChange(steps.toSpliced(at, 1))}
            >
              <span aria-hidden="true">×</span>
            </button>
          </span>
        </li>
      ))}
    </ol>
  )
}
