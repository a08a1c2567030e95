import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What a learner has done, apart from the engine's state: a reset of the workshop leaves it. */
export interface Progress {
  /** Lesson id → task id → when it was solved, in milliseconds since 1970. */
  solved: Record<string, Record<string, number>>
  /** `lesson/prediction` → what was answered, and whether it was right. */
  predictions: Record<string, { answer: number; right: boolean; at: number }>
  /** `lesson/task` → how many hints were opened. */
  hints: Record<string, number>
  /** Lesson id → best figure. */
  golf: Record<string, number>
  current: string | undefined
}

export interface ProgressStore {
  readonly value: Progress
  /** Durable when it resolves. */
  change(edit: (progress: Progress) => void): Promise<void>
}

const empty = (): Progress => ({ solved: {}, predictions: {}, hints: {}, golf: {}, current: undefined })

export async function openProgress(file: string): Promise<ProgressStore> {
  await mkdir(dirname(file), { recursive: true })
  let value = empty()
  try {
    value = { ...value, ...(JSON.parse(await readFile(file, 'utf8')) as Partial<Progress>) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  let writing: Promise<void> = Promise.resolve()
  async function write(): Promise<void> {
    const fresh = `${file}.new`
    {
      await using handle = await open(fresh, 'w', 0o600)
      await handle.writeFile(JSON.stringify(value))
      await handle.sync()
    }
    await rename(fresh, file)
  }
  return {
    get value() {
      return value
    },
    async change(edit) {
      edit(value)
      writing = writing.then(write, write)
      await writing
    },
  }
}
