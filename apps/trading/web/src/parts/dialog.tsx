import { type ReactNode, useEffect, useRef } from 'react'

interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
}

/** Asks for something over the page: the browser keeps the focus inside, gives it back, and closes it on Escape. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const opener = document.activeElement
    dialog.current?.showModal()
    return () => {
      if (opener instanceof HTMLElement) opener.focus()
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby="dialog-title"
      onClose={onClose}
      onCancel={onClose}
    >
      <h2 id="dialog-title">{title}</h2>
      {children}
    </dialog>
  )
}

interface ConfirmProps {
  readonly title: string
  readonly text: ReactNode
  /** What the button says that does it. */
  readonly verb: string
  readonly danger?: boolean
  readonly onConfirm: () => void
  readonly onClose: () => void
}

/** Asks before something that can't be taken back. */
export function Confirm({ title, text, verb, danger = true, onConfirm, onClose }: ConfirmProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <div>{text}</div>
      <div className="dialog-end">
        <button type="button" className="button" onClick={onClose}>
          Keep as it is
        </button>
        <button
          type="button"
          className={danger ? 'button button-sell' : 'button button-main'}
          onClick={() => {
            onConfirm()
            onClose()
          }}
        >
          {verb}
        </button>
      </div>
    </Dialog>
  )
}
