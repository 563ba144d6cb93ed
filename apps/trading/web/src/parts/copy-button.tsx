import { useEffect, useState } from 'react'

const thanksMs = 2000

/** Copies a text, and says so. */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const [outcome, setOutcome] = useState<'copied' | 'failed'>()
  useEffect(() => {
    if (outcome === undefined) return undefined
    const timer = setTimeout(() => setOutcome(undefined), thanksMs)
    return () => clearTimeout(timer)
  }, [outcome])
  const copy = (): void => {
    copied(text).then(
      () => setOutcome('copied'),
      () => setOutcome('failed'),
    )
  }
  return (
    <button type="button" className="button button-small" onClick={copy}>
      <span aria-live="polite">
        {outcome === 'copied' ? 'Copied' : outcome === 'failed' ? 'Select it and copy' : 'Copy'}
      </span>
      <span className="hidden"> {what}</span>
    </button>
  )
}

/** Rejects where the browser has no clipboard for pages without https. */
async function copied(text: string): Promise<void> {
  await navigator.clipboard.writeText(text)
}
