import { type FormEvent, useState } from 'react'

import { post } from '../api/client.ts'
import { useAction } from '../api/use-action.ts'
import { Field, Notice } from '../parts/parts.tsx'
import { NewStep } from './new-step.tsx'
import { StepList } from './step-list.tsx'
import type { WorkflowStep } from './step-text.ts'

interface NewWorkflowProps {
  readonly onMade: () => void
  readonly onClose: () => void
}

/** A name and steps, in their order. */
export function NewWorkflow({ onMade, onClose }: NewWorkflowProps) {
  const [name, setName] = useState('')
  const [steps, setSteps] = useState<readonly WorkflowStep[]>([])
  const make = useAction(async () => {
    await post('/web/workflows', { name, steps })
    onMade()
    onClose()
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    make.run()
  }
  return (
    <section className="card" aria-labelledby="new-workflow">
      <h2 id="new-workflow">A new workflow</h2>
      {make.fault !== undefined && <Notice kind="fault">{make.fault}</Notice>}
      <form id="workflow-form" onSubmit={submit}>
        <Field id="workflow-name" label="Name">
          {(control) => (
            <input
              {...control}
              autoComplete="off"
              maxLength={64}
              autoFocus
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
      </form>
      <StepList steps={steps} onChange={setSteps} />
      <NewStep onAdd={(step) => setSteps([...steps, step])} />
      <div className="dialog-end">
        <button type="button" className="button" onClick={onClose}>
          Don’t make it
        </button>
        <button
          className="button button-main"
          form="workflow-form"
          disabled={make.busy || steps.length === 0}
        >
          Make the workflow
        </button>
      </div>
    </section>
  )
}
