import { useLanguage, useWords } from '../language/language.ts'
import { useStore } from '../state/store.ts'
import { map as mapStore, openLesson } from '../state/workshop.ts'
import { Dialog } from './dialog.tsx'

export function MapDialog({ open, onClose }: { open: boolean; onClose(): void }) {
  const words = useWords()
  const language = useLanguage()
  const map = useStore(mapStore)
  const choose = (id: string) => {
    onClose()
    void openLesson(id)
  }
  return (
    <Dialog open={open} label={words.map} onClose={onClose}>
      {map?.chapters.map((chapter) => (
        <section key={chapter.id} className="chapter">
          <h3>{chapter.title[language]}</h3>
          <ol>
            {chapter.lessons.map((lesson) => (
              <li key={lesson.id}>
                <button
                  type="button"
                  className={`entry ${lesson.done === lesson.tasks ? 'done' : ''}`}
                  aria-current={lesson.id === map.current}
                  onClick={() => choose(lesson.id)}
                >
                  <span aria-hidden="true">{lesson.done === lesson.tasks ? '☑' : lesson.done > 0 ? '◔' : '▢'}</span>
                  <span>{lesson.title[language]}</span>
                  <small>
                    {lesson.done}/{lesson.tasks} · {words.minutes(lesson.minutes)}
                    {lesson.stars ? ` · ${'★'.repeat(lesson.stars)}` : ''}
                  </small>
                </button>
              </li>
            ))}
          </ol>
        </section>
      ))}
      {map && map.problems.length > 0 && (
        <details>
          <summary>{words.problems(map.problems.length)}</summary>
          <ul>
            {map.problems.map((problem) => (
              <li key={`${problem.file}:${problem.line}:${problem.message}`}>
                <code>
                  {problem.file}:{problem.line}
                </code>{' '}
                {problem.message}
              </li>
            ))}
          </ul>
        </details>
      )}
    </Dialog>
  )
}
