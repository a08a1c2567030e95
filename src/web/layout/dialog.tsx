import { type ReactNode, useEffect, useRef } from 'react'
import { useWords } from '../language/language.ts'

export interface DialogProps {
  open: boolean
  label: string
  onClose(): void
  children: ReactNode
}

/** The browser's own modal dialog: focus stays in, Escape closes, focus goes back. */
export function Dialog({ open, label, onClose, children }: DialogProps) {
  const words = useWords()
  const element = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = element.current
    if (open && !dialog?.open) dialog?.showModal()
    if (!open && dialog?.open) dialog.close()
  }, [open])
  return (
    <dialog ref={element} aria-label={label} onClose={onClose}>
      <button type="button" className="close" aria-label={words.close} onClick={onClose}>
        ×
      </button>
      <h2>{label}</h2>
      {open && children}
    </dialog>
  )
}
