import type { RunState } from '../../../src/strategies/strategy-run.ts'
import type { Strategy } from '../../../src/strategies/strategy.ts'
import type { Workflow } from '../../../src/workflows/workflow.ts'

export type ShownStrategy = Omit<Strategy, 'webhookId' | 'userId'> & {
  /** Path of the address; who knows it can trade. */
  readonly webhook: string
  readonly run: RunState
}

export type ShownWorkflow = Omit<Workflow, 'webhookId' | 'userId'> & { readonly webhook: string }

export interface StrategiesAnswer {
  readonly strategies: readonly ShownStrategy[]
}

export interface WorkflowsAnswer {
  readonly workflows: readonly ShownWorkflow[]
}
