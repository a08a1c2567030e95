import { useWords } from '../language/language.ts'
import { Dialog } from './dialog.tsx'

export function HelpDialog({ open, onClose }: { open: boolean; onClose(): void }) {
  const { help, shortcuts } = useWords()
  const rows: [string, string][] = [
    ['F1 · ?', shortcuts.help],
    ['F6', shortcuts.f6],
    ['m', shortcuts.map],
    ['Alt + ← →', shortcuts.arrows],
    ['Shift + Tab', shortcuts.leave],
  ]
  return (
    <Dialog open={open} label={help} onClose={onClose}>
      <h3>{shortcuts.title}</h3>
      <dl className="keys">
        {rows.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
