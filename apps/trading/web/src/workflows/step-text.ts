import type { WorkflowStep } from '../../../src/workflows/workflow.ts'

export type { WorkflowStep }

export const stepKinds: Readonly<Record<WorkflowStep['kind'], string>> = {
  'if-open': 'Go on only while an exchange is open',
  'if-price': 'Go on only while a price stands so',
  order: 'Place an order at the market',
  'close-positions': 'Close every position',
  notify: 'Tell me by Telegram',
}

/** What a step does, in a sentence. */
export function stepText(step: WorkflowStep): string {
  switch (step.kind) {
    case 'if-price':
      return `Go on only while ${step.symbol} is ${step.is} ${step.price}`
    case 'if-open':
      return `Go on only while ${step.exchange} is open`
    case 'order':
      return `${step.action} ${step.quantity} ${step.symbol} ${step.product} at the market`
    case 'close-positions':
      return 'Close every position'
    case 'notify':
  }
  return `Tell me: “${step.text}”`
}
