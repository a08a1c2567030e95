import type { Lesson } from '../lesson/load.ts'
import type { TaskStatus } from '../run/session.ts'
import type { Workshop } from '../run/workshop.ts'

export interface Proof {
  lesson: string
  /** Sentences; none is a proof. */
  faults: string[]
  seconds: number
}

const solveLimitMs = 20_000
/** A wrong state must be recognised, and must stay unsolved for as long. */
const wrongLimitMs = 8_000

async function statusWhen(
  workshop: Workshop,
  task: string,
  reached: (status: TaskStatus) => boolean,
  limitMs: number,
): Promise<TaskStatus | undefined> {
  const deadline = performance.now() + limitMs
  let status: TaskStatus | undefined
  do {
    await workshop.session?.settled()
    status = workshop.session?.tasks.find((one) => one.id === task)
    if (status && reached(status)) return status
    await new Promise((resolve) => setTimeout(resolve, 50))
  } while (performance.now() < deadline)
  return status
}

async function begin(workshop: Workshop, lesson: Lesson, faults: string[], when: string): Promise<void> {
  if (workshop.session?.lesson.id === lesson.id) await workshop.reset()
  else await workshop.open(lesson.id, { fresh: true })
  await workshop.session?.settled()
  const solved = (workshop.session?.tasks ?? []).filter((task) => task.state === 'done').map((task) => task.id)
  if (solved.length > 0) faults.push(`${when}: solved before anything was done: ${solved.join(', ')}`)
}

async function solveTask(workshop: Workshop, lesson: Lesson, task: string, faults: string[]): Promise<boolean> {
  const results = await workshop.run(lesson.solve[task] ?? [])
  const status = await statusWhen(workshop, task, (one) => one.state === 'done', solveLimitMs)
  if (status?.state === 'done') return true
  const last = results.at(-1)
  const sees = JSON.stringify(status?.sees ?? null)
  faults.push(
    `solve ${task}: not solved; it sees ${sees}; the last command ended with ${last?.exitCode}: ${last?.output.trim().slice(-400)}`,
  )
  return false
}

/**
 * Proves a lesson on the workshop's engine: it begins unsolved, each wrong case gives its hint and solves nothing, `solve`
 * solves task after task, and a reset brings the beginning back.
 */
export async function proveLesson(workshop: Workshop, lesson: Lesson): Promise<Proof> {
  const started = performance.now()
  const faults: string[] = []
  const tasks = Object.keys(lesson.tasks)
  try {
    for (const [index, wrong] of (lesson.wrong ?? []).entries()) {
      await begin(workshop, lesson, faults, `wrong ${index + 1}`)
      for (const task of tasks.slice(0, tasks.indexOf(wrong.task))) await solveTask(workshop, lesson, task, faults)
      await workshop.run(wrong.type)
      const told = (one: TaskStatus) => one.state === 'done' || one.say === wrong.expect
      const status = await statusWhen(workshop, wrong.task, told, wrongLimitMs)
      if (status?.state === 'done') faults.push(`wrong ${index + 1}: it solves ${wrong.task}`)
      else if (status?.say !== wrong.expect) {
        faults.push(
          `wrong ${index + 1}: expected the hint ${wrong.expect}, got ${status?.say ?? JSON.stringify(status?.sees)}`,
        )
      }
    }
    await begin(workshop, lesson, faults, 'start')
    for (const task of tasks) if (!(await solveTask(workshop, lesson, task, faults))) break
    await begin(workshop, lesson, faults, 'reset')
  } catch (error) {
    faults.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  return { lesson: lesson.id, faults, seconds: (performance.now() - started) / 1000 }
}
