import { useState } from 'react'
import type { LessonText, LessonView, TaskStatus } from '../../workshop/server/protocol.ts'
import { useWords } from '../language/language.ts'
import { call } from '../state/api.ts'
import { ProseHtml } from './prose.tsx'

interface TaskProps {
  view: LessonView
  text: LessonText
  id: string
  startedAt: number
}

const block = (text: LessonText, kind: string, id: string) =>
  text.blocks.find((one) => one.kind === kind && one.id === id)

function StatusLine({
  status,
  text,
  startedAt,
}: {
  status: TaskStatus | undefined
  text: LessonText
  startedAt: number
}) {
  const words = useWords()
  if (!status) return null
  if (status.state === 'done') {
    const seconds = status.solvedAt === undefined ? 0 : (status.solvedAt - startedAt) / 1000
    return (
      <p className="status done">
        <span aria-hidden="true">✓</span> {seconds > 0 ? words.taskDone(seconds) : words.taskDoneEarlier}
      </p>
    )
  }
  const said = status.say === undefined ? undefined : block(text, 'seen', status.say)
  if (said) {
    return (
      <div className="status seen">
        <span aria-hidden="true">✕</span> <strong>{words.seen}</strong>
        <ProseHtml html={said.html} />
      </div>
    )
  }
  return (
    <p className="status watching">
      <span aria-hidden="true">◔</span> {status.wasDone ? words.wasFine : words.watching}
      {status.sees ? <> : {words.sees(status.sees)}</> : '…'}
    </p>
  )
}

function Hints({ view, text, id }: { view: LessonView; text: LessonText; id: string }) {
  const words = useWords()
  const [open, setOpen] = useState(0)
  const hints = block(text, 'hints', id)?.items ?? []
  if (hints.length === 0) return null
  const more = () => {
    const count = Math.min(open + 1, hints.length)
    setOpen(count)
    void call('POST', '/api/hint', { task: id, count })
  }
  return (
    <div className="hints">
      <ol>
        {hints.slice(0, open).map((html, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: hints are opened in their order and never change place
          <li key={`${view.id}-${index}`}>
            <ProseHtml html={html} />
          </li>
        ))}
      </ol>
      {open < hints.length && (
        <button type="button" className="quiet" onClick={more}>
          {open === hints.length - 1 ? words.solution : words.hint(open + 1, hints.length)}
        </button>
      )}
    </div>
  )
}

function AnswerForm({ id }: { id: string }) {
  const words = useWords()
  const [value, setValue] = useState('')
  return (
    <form
      className="answer"
      onSubmit={(event) => {
        event.preventDefault()
        void call('POST', '/api/answer', { id, value })
      }}
    >
      <label>
        {words.answer} <input value={value} onChange={(event) => setValue(event.target.value)} autoComplete="off" />
      </label>
      <button type="submit">{words.send}</button>
    </form>
  )
}

export function Task({ view, text, id, startedAt }: TaskProps) {
  const words = useWords()
  const facts = view.tasks.find((task) => task.id === id)
  const status = view.status.find((task) => task.id === id)
  const wording = block(text, 'task', id)
  if (!facts || !wording) return null
  const answers = view.answers.filter((answer) => answer === id || answer.startsWith(`${id}-`))
  return (
    <article className={`task ${status?.state ?? 'watching'}`} aria-label={id}>
      <span className="box" aria-hidden="true">
        {status?.state === 'done' ? '☑' : '▢'}
      </span>
      <div>
        {facts.optional && <span className="tag">{words.optional}</span>}
        {facts.challenge && <span className="tag">{words.challenge}</span>}
        <ProseHtml html={wording.html} commands={!facts.challenge} />
        {answers.map((answer) => (
          <AnswerForm key={answer} id={answer} />
        ))}
        <StatusLine status={status} text={text} startedAt={startedAt} />
        {status?.state !== 'done' && <Hints view={view} text={text} id={id} />}
      </div>
    </article>
  )
}
