import { Choice } from '../parts/parts.tsx'
import { instances } from './instances.ts'
import { useInstances } from './use-console.ts'

/** Whose figures are shown, where several instances answer. */
export function InstanceSwitch() {
  const { seen, chosen } = useInstances()
  if (seen.length < 2 || chosen === undefined) return null
  return (
    <Choice
      {...{ legend: 'Instance', name: 'instance', className: 'choice-bare', options: seen, value: chosen }}
      onChange={(instance) => instances.choose(instance)}
    />
  )
}
