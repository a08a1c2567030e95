import { cp, mkdir, readdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Lesson } from '../lesson/load.ts'

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}

async function fill(folder: string, lesson: Lesson): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [where, which] of Object.entries(lesson.shared ?? {})) {
    await cp(join(lesson.folder, '../../_shared', which), join(folder, where), { recursive: true, dereference: true })
  }
  const files = join(lesson.folder, 'files')
  if (await exists(files)) await cp(files, folder, { recursive: true })
}

/** The learner's folder of a lesson; made with the lesson's files at the first visit, then the learner's own. */
export async function openFolder(workshop: string, lesson: Lesson): Promise<string> {
  const folder = join(workshop, lesson.id)
  if (!(await exists(folder))) await fill(folder, lesson)
  return folder
}

/** Begins anew. What the learner wrote is moved aside, never deleted. */
export async function renewFolder(workshop: string, lesson: Lesson): Promise<string> {
  const folder = join(workshop, lesson.id)
  if (await exists(folder)) {
    const kept = join(workshop, '.before-reset', lesson.id)
    await mkdir(kept, { recursive: true })
    await rename(folder, join(kept, String((await readdir(kept)).length + 1)))
  }
  await fill(folder, lesson)
  return folder
}
