import { useWords } from '../language/language.ts'
import { insertInTerminal } from '../state/workshop.ts'

export interface Selected {
  title: string
  facts: [string, string][]
  /** The command that shows the same thing. */
  command: string
}

/** What is this? Its state, and the command that shows the same. */
export function Card({ selected, onClose }: { selected: Selected; onClose(): void }) {
  const words = useWords()
  return (
    <aside className="card" aria-label={selected.title}>
      <button type="button" className="close" aria-label={words.close} onClick={onClose}>
        ×
      </button>
      <h3>{selected.title}</h3>
      <dl>
        {selected.facts
          .filter(([, value]) => value !== '')
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      <p className="show">{words.showIt}</p>
      <code>{selected.command}</code>
      <button type="button" className="quiet" onClick={() => insertInTerminal(selected.command)}>
        {words.insert}
      </button>
    </aside>
  )
}
