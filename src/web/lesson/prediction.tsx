import { useId, useState } from 'react'
import type { LessonText, LessonView } from '../../workshop/server/protocol.ts'
import { useWords } from '../language/language.ts'
import { call } from '../state/api.ts'
import { loadLesson } from '../state/workshop.ts'
import { ProseHtml } from './prose.tsx'

/** The question without its list of options, and what is said after it. */
function parts(html: string): { question: string; after: string } {
  const [question = '', rest = ''] = html.split(/<ul>[\s\S]*?<\/ul>/, 2)
  return { question, after: rest }
}

export function PredictionCard({ view, text, id }: { view: LessonView; text: LessonText; id: string }) {
  const words = useWords()
  const name = useId()
  const prediction = view.predictions.find((one) => one.id === id)
  const block = text.blocks.find((one) => one.kind === 'predict' && one.id === id)
  const [choice, setChoice] = useState<number | undefined>(prediction?.answered?.answer)
  const [right, setRight] = useState<boolean | undefined>(prediction?.answered?.right)
  if (!prediction || !block) return null
  const { question, after } = parts(block.html)
  const answered = right !== undefined
  const send = async () => {
    if (choice === undefined) return
    const result = await call<{ right: boolean }>('POST', '/api/predict', { id, answer: choice })
    setRight(result.right)
    await loadLesson()
  }
  return (
    <fieldset className="predict" disabled={answered}>
      <legend>{words.predict}</legend>
      <ProseHtml html={question} commands={false} />
      {prediction.kind === 'choice' ? (
        block.items.map((html, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: options never change place
          <label key={index}>
            <input type="radio" name={name} checked={choice === index} onChange={() => setChoice(index)} />
            <ProseHtml html={html} commands={false} />
          </label>
        ))
      ) : (
        <label>
          {words.yourGuess}{' '}
          <input type="number" value={choice ?? ''} onChange={(event) => setChoice(event.target.valueAsNumber)} />
        </label>
      )}
      {!answered && (
        <button type="button" onClick={() => void send()} disabled={choice === undefined || Number.isNaN(choice)}>
          {words.send}
        </button>
      )}
      {answered && (
        <div className={`outcome ${right ? 'right' : 'other'}`} role="status">
          <strong>
            {right ? '✓' : '↻'} {right ? words.right : words.wrong}
          </strong>
          <ProseHtml html={after} commands={false} />
        </div>
      )}
    </fieldset>
  )
}
