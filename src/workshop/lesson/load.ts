import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { parse } from 'yaml'
import type { LessonFile } from './format.ts'
import type { LessonProblem } from './lesson-problem.ts'
import { type Prose, parseProse } from './prose.ts'
import { parseLessonFile } from './validate.ts'

export const languages = ['en', 'fr'] as const
export type Language = (typeof languages)[number]

/** A lesson as it is on disk, complete in both languages. */
export interface Lesson extends LessonFile {
  /** `10-docker`: chapters and lessons go by the order of their folders' names. */
  chapter: string
  folder: string
  prose: Record<Language, Prose>
}

export interface Loaded {
  lessons: Lesson[]
  /** Of the lessons that were left out; the others still load. */
  problems: LessonProblem[]
  /** Chapter folder → its title (chapter.yaml: `en: …`, `fr: …`). */
  chapters: Record<string, Record<Language, string>>
}

async function chapterTitle(folder: string): Promise<Record<Language, string> | undefined> {
  try {
    const value: unknown = parse(await readFile(join(folder, 'chapter.yaml'), 'utf8'))
    if (typeof value !== 'object' || value === null) return undefined
    const { en, fr } = value as Partial<Record<Language, unknown>>
    return typeof en === 'string' && typeof fr === 'string' ? { en, fr } : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function subfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory() && !/^[._]/.test(entry.name))
    .map((entry) => entry.name)
    .sort()
}

async function readProse(
  folder: string,
  file: string,
): Promise<{ prose: Prose | undefined; problems: LessonProblem[] }> {
  try {
    return parseProse(await readFile(folder, 'utf8'), file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return {
      prose: undefined,
      problems: [{ file, line: 0, message: 'the file is missing: a lesson has both languages' }],
    }
  }
}

/** One lesson folder. Problems mean that there is no lesson. */
export async function loadLesson(
  root: string,
  chapter: string,
  name: string,
): Promise<{ lesson: Lesson | undefined; problems: LessonProblem[] }> {
  const folder = join(root, chapter, name)
  const path = (file: string) => relative(root, join(folder, file))
  let text: string
  try {
    text = await readFile(join(folder, 'lesson.yaml'), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return { lesson: undefined, problems: [{ file: path('lesson.yaml'), line: 0, message: 'the file is missing' }] }
  }
  const { lesson, problems } = parseLessonFile(text, path('lesson.yaml'))
  const en = await readProse(join(folder, 'en.md'), path('en.md'))
  const fr = await readProse(join(folder, 'fr.md'), path('fr.md'))
  const all = [...problems, ...en.problems, ...fr.problems]
  if (all.length > 0 || !lesson || !en.prose || !fr.prose) return { lesson: undefined, problems: all }
  return { lesson: { ...lesson, chapter, folder, prose: { en: en.prose, fr: fr.prose } }, problems: [] }
}

/** Every lesson below a folder, in the order of the folders' names. A lesson with a mistake is left out and said. */
export async function loadLessons(root: string): Promise<Loaded> {
  const loaded: Loaded = { lessons: [], problems: [], chapters: {} }
  for (const chapter of await subfolders(root)) {
    const title = await chapterTitle(join(root, chapter))
    if (title) loaded.chapters[chapter] = title
    else {
      const message = 'expected a title in both languages: en: …, fr: …'
      loaded.problems.push({ file: join(chapter, 'chapter.yaml'), line: 1, message })
    }
    for (const name of await subfolders(join(root, chapter))) {
      const { lesson, problems } = await loadLesson(root, chapter, name)
      if (lesson) {
        const twin = loaded.lessons.find((other) => other.id === lesson.id)
        if (twin) {
          const file = relative(root, join(lesson.folder, 'lesson.yaml'))
          const message = `the id ${lesson.id} is taken by ${relative(root, twin.folder)}`
          loaded.problems.push({ file, line: 1, message })
        } else loaded.lessons.push(lesson)
      }
      loaded.problems.push(...problems)
    }
  }
  return loaded
}
