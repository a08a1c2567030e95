import MarkdownIt from 'markdown-it'
import type { Check } from '../lesson/format.ts'
import type { Lesson } from '../lesson/load.ts'
import type { Prose } from '../lesson/prose.ts'
import { substitute, substituteIn } from '../run/variables.ts'
import type { Workshop } from '../run/workshop.ts'
import type { LessonMap, LessonText, LessonView } from './protocol.ts'

// Raw HTML in a lesson is text: a lesson from elsewhere cannot bring a script.
const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false })

function textOf(prose: Prose, variables: Readonly<Record<string, string>>): LessonText {
  const html = (text: string) => markdown.render(substitute(text, variables))
  return {
    title: prose.title,
    lead: html(prose.lead),
    blocks: prose.blocks.map((block) => ({
      kind: block.kind,
      id: block.id,
      html: html(block.text),
      items: block.items.map(html),
    })),
  }
}

/** Ids of the answers that a lesson's checks ask for, in order. */
function answersOf(check: Check): string[] {
  if ('all' in check) return check.all.flatMap(answersOf)
  if ('any' in check) return check.any.flatMap(answersOf)
  if ('not' in check) return answersOf(check.not)
  return 'answer' in check ? [check.answer.id] : []
}

export function lessonView(workshop: Workshop): LessonView | undefined {
  const { session, variables } = workshop
  if (!session) return undefined
  const { lesson } = session
  const index = workshop.lessons.indexOf(lesson)
  const tasks = substituteIn(lesson.tasks, variables)
  const progress = workshop.progress.value
  return {
    id: lesson.id,
    kind: lesson.kind ?? 'lesson',
    minutes: lesson.minutes,
    next: workshop.lessons[index + 1]?.id ?? null,
    previous: workshop.lessons[index - 1]?.id ?? null,
    variables: { ...variables },
    text: { en: textOf(lesson.prose.en, variables), fr: textOf(lesson.prose.fr, variables) },
    tasks: Object.entries(tasks).map(([id, task]) => ({
      id,
      optional: task.optional ?? false,
      challenge: task.challenge ?? false,
      goal: task.goal ?? null,
      hints: lesson.prose.en.blocks.find((block) => block.kind === 'hints' && block.id === id)?.items.length ?? 0,
    })),
    predictions: (lesson.predict ?? []).map(({ id, before, kind }) => {
      const answered = progress.predictions[`${lesson.id}/${id}`]
      return { id, before, kind, answered: answered ? { answer: answered.answer, right: answered.right } : null }
    }),
    answers: Object.values(lesson.tasks).flatMap((task) => answersOf(task.check)),
    golf: lesson.golf
      ? { measure: lesson.golf.measure, par: lesson.golf.par, best: progress.golf[lesson.id] ?? null }
      : null,
    open: lesson.open ? { file: lesson.open.file, line: lesson.open.line ?? 1 } : null,
    canUndo: workshop.canUndo,
    status: [...session.tasks],
  }
}

function entryOf(lesson: Lesson, workshop: Workshop) {
  const solved = workshop.progress.value.solved[lesson.id] ?? {}
  const wanted = Object.entries(lesson.tasks).filter(([, task]) => !task.optional)
  return {
    id: lesson.id,
    title: { en: lesson.prose.en.title, fr: lesson.prose.fr.title },
    minutes: lesson.minutes,
    kind: lesson.kind ?? 'lesson',
    ...(lesson.stars ? { stars: lesson.stars } : {}),
    concepts: lesson.concepts ?? [],
    tasks: wanted.length,
    done: wanted.filter(([id]) => solved[id] !== undefined).length,
  }
}

export function lessonMap(workshop: Workshop, version: string): LessonMap {
  const chapters = [...new Set(workshop.lessons.map((lesson) => lesson.chapter))]
  return {
    version,
    current: workshop.session?.lesson.id ?? null,
    chapters: chapters.map((chapter) => ({
      id: chapter,
      title: workshop.loaded.chapters[chapter] ?? { en: chapter, fr: chapter },
      lessons: workshop.lessons
        .filter((lesson) => lesson.chapter === chapter)
        .map((lesson) => entryOf(lesson, workshop)),
    })),
    problems: workshop.loaded.problems,
  }
}
