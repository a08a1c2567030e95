import { useEffect, useState } from 'react'
import { useLanguage, useWords } from '../language/language.ts'
import { useStore } from '../state/store.ts'
import { lesson as lessonStore, openLesson } from '../state/workshop.ts'
import { PredictionCard } from './prediction.tsx'
import { ProseHtml } from './prose.tsx'
import { Task } from './task.tsx'

const headed = ['why', 'break', 'real', 'golf', 'challenge', 'story'] as const

export function LessonPane() {
  const words = useWords()
  const language = useLanguage()
  const view = useStore(lessonStore)
  const [startedAt, setStartedAt] = useState(Date.now())
  // biome-ignore lint/correctness/useExhaustiveDependencies: a lesson's clock starts with the lesson
  useEffect(() => setStartedAt(Date.now()), [view?.id])
  if (!view) return <p className="empty">{words.noLessons}</p>
  const text = view.text[language]
  const wanted = view.tasks.filter((task) => !task.optional)
  const done = (id: string) => view.status.find((status) => status.id === id)?.state === 'done'
  const finished = wanted.length > 0 && wanted.every((task) => done(task.id))
  return (
    <div className="lesson" key={view.id}>
      <header>
        <p className="meta">
          {words.minutes(view.minutes)} · {wanted.filter((task) => done(task.id)).length}/{wanted.length}
        </p>
        <h1>{text.title}</h1>
        <ProseHtml html={text.lead} />
      </header>
      {text.blocks.map((block, index) => {
        const key = `${block.kind}-${block.id}-${index}`
        if (block.kind === 'task') return <Task key={key} view={view} text={text} id={block.id} startedAt={startedAt} />
        if (block.kind === 'predict') return <PredictionCard key={key} view={view} text={text} id={block.id} />
        if (block.kind === 'debrief') {
          return finished ? (
            <section key={key} className="debrief" aria-label={words.debrief}>
              <h2>{words.debrief}</h2>
              <ProseHtml html={block.html} />
            </section>
          ) : null
        }
        const heading = headed.find((kind) => kind === block.kind)
        if (!heading) return null
        if (heading === 'real' && !finished) return null
        return (
          <section key={key} className={`block ${heading}`}>
            <h2>{words[heading]}</h2>
            <ProseHtml html={block.html} commands={heading !== 'challenge'} />
          </section>
        )
      })}
      <nav className="steps" aria-label={words.map}>
        {view.previous && (
          <button type="button" className="quiet" onClick={() => void openLesson(view.previous ?? '')}>
            ← {words.previous}
          </button>
        )}
        {view.next && (
          <button
            type="button"
            className={finished ? 'main' : 'quiet'}
            onClick={() => void openLesson(view.next ?? '')}
          >
            {words.next} →
          </button>
        )}
      </nav>
    </div>
  )
}
