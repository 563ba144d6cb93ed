import { post } from '../api/client.ts'
import { usePolled } from '../api/use-polled.ts'
import { useAction } from '../api/use-action.ts'
import { NotYet } from '../parts/not-yet.tsx'
import { Notice } from '../parts/parts.tsx'
import { MadeHeader } from '../strategies/made-header.tsx'
import { MadeList } from '../strategies/made-list.tsx'
import type { ShownWorkflow, WorkflowsAnswer } from '../strategies/types.ts'
import { WebhookAddress } from '../strategies/webhook-address.tsx'
import { NewWorkflow } from './new-workflow.tsx'
import { stepText } from './step-text.ts'

const about =
  'A workflow is a list of steps behind a webhook: while the exchange is open and the price is right, order, then tell me.'

/** Lists of steps, each behind a webhook. */
export function WorkflowsView() {
  const { data, error, put, refresh } = usePolled<WorkflowsAnswer>('/web/workflows', 10_000)
  const change = useAction(async (path: string, body: object) =>
    put(await post<WorkflowsAnswer>(`/web/workflows/${path}`, body)),
  )
  if (data === undefined) return <NotYet what="workflows" error={error} />
  return (
    <>
      {change.fault !== undefined && <Notice kind="fault">{change.fault}</Notice>}
      <MadeList
        {...{ what: 'workflow', made: data.workflows, about }}
        loss={() => 'Its webhook stops working at once.'}
        form={(onClose) => <NewWorkflow {...{ onClose, onMade: refresh }} />}
        card={(workflow, onRemove) => (
          <WorkflowCard
            key={workflow.id}
            workflow={workflow}
            onActive={(isActive) => change.run(String(workflow.id), { isActive })}
            onRemove={onRemove}
          />
        )}
        onRemove={({ id }) => change.run(`${id}/remove`, {})}
      />
    </>
  )
}

interface WorkflowCardProps {
  readonly workflow: ShownWorkflow
  readonly onActive: (isActive: boolean) => void
  readonly onRemove: () => void
}

function WorkflowCard({ workflow, onActive, onRemove }: WorkflowCardProps) {
  const heading = `workflow-${workflow.id}`
  return (
    <article className="card" aria-labelledby={heading}>
      <MadeHeader id={heading} made={workflow} {...{ onActive, onRemove }} />
      <ol className="step-list">
        {workflow.steps.map((step, at) => (
          <li key={`${at}/${step.kind}`}>{stepText(step)}</li>
        ))}
      </ol>
      <WebhookAddress path={workflow.webhook} body={{}} />
    </article>
  )
}
