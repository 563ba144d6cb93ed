import { CopyButton } from '../parts/copy-button.tsx'

interface WebhookAddressProps {
  readonly path: string
  /** What a call may bring. */
  readonly body: object
}

/** Where to call, and with what. The address is the secret: who knows it can trade. */
export function WebhookAddress({ path, body }: WebhookAddressProps) {
  const address = `${window.location.origin}${path}`
  const command = `curl -X POST ${address} -H 'content-type: application/json' -d '${JSON.stringify(body)}'`
  return (
    <div className="webhook">
      <div className="webhook-line">
        <code className="secret">{address}</code>
        <CopyButton text={address} what="the webhook’s address" />
      </div>
      <details>
        <summary>How to call it</summary>
        <p className="note">Who knows the address can trade: give it only to what is to call it.</p>
        <div className="webhook-line">
          <code className="secret">{command}</code>
          <CopyButton text={command} what="the command" />
        </div>
      </details>
    </div>
  )
}
