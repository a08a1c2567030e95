import { join, relative } from 'node:path'
import type { Step } from '../lesson/format.ts'
import type { LessonProblem } from '../lesson/lesson-problem.ts'
import { type Language, type Lesson, languages } from '../lesson/load.ts'
import type { ProseBlock } from '../lesson/prose.ts'

const label = (block: ProseBlock) => `${block.kind}${block.id ? ` ${block.id}` : ''}`

/** French and English have the same blocks in the same order, as many options and hints, and the same code. */
function compareLanguages(lesson: Lesson, file: (name: string) => string): LessonProblem[] {
  const problems: LessonProblem[] = []
  const { en, fr } = lesson.prose
  const [labelsEn, labelsFr] = [en.blocks.map(label), fr.blocks.map(label)]
  for (const [mine, theirs, name] of [
    [en.blocks, labelsFr, 'fr.md'],
    [fr.blocks, labelsEn, 'en.md'],
  ] as const) {
    for (const block of mine) {
      if (!theirs.includes(label(block))) {
        problems.push({
          file: file(name),
          line: 0,
          message: `the block ":::${label(block)}" of the other language is missing`,
        })
      }
    }
  }
  if (problems.length > 0) return problems
  en.blocks.forEach((block, index) => {
    const twin = fr.blocks[index]
    if (!twin) return
    if (label(block) !== label(twin)) {
      problems.push({
        file: file('fr.md'),
        line: twin.line,
        message: `expected the block ":::${label(block)}" here, as in en.md`,
      })
      return
    }
    if (block.items.length !== twin.items.length && ['predict', 'hints'].includes(block.kind)) {
      const message = `${label(block)}: ${twin.items.length} items, en.md has ${block.items.length}`
      problems.push({ file: file('fr.md'), line: twin.line, message })
    }
    if (JSON.stringify(block.code) !== JSON.stringify(twin.code)) {
      problems.push({ file: file('fr.md'), line: twin.line, message: `${label(block)}: the code is not that of en.md` })
    }
  })
  return problems
}

function blockIds(lesson: Lesson, kind: ProseBlock['kind']): string[] {
  return lesson.prose.en.blocks.filter((block) => block.kind === kind).map((block) => block.id)
}

function checkReferences(lesson: Lesson, file: (name: string) => string): LessonProblem[] {
  const problems: LessonProblem[] = []
  const say = (message: string, name = 'lesson.yaml') => problems.push({ file: file(name), line: 0, message })
  const tasks = Object.keys(lesson.tasks)
  const seen = blockIds(lesson, 'seen')
  for (const task of tasks) {
    if (!blockIds(lesson, 'task').includes(task)) say(`the task ${task} has no block ":::task ${task}"`, 'en.md')
    if (!lesson.solve[task]) say(`solve.${task} is missing: how is the task solved?`)
    const hints = lesson.prose.en.blocks.find((block) => block.kind === 'hints' && block.id === task)
    if (!hints) say(`the task ${task} has no block ":::hints ${task}"`, 'en.md')
    else if (hints.items.length !== 3) say(`hints ${task}: ${hints.items.length} items, expected 3`, 'en.md')
  }
  for (const [id, task] of Object.entries(lesson.tasks)) {
    for (const { say: hint } of task.seen ?? []) {
      if (!seen.includes(hint)) say(`tasks.${id}.seen: no block ":::seen ${hint}"`, 'en.md')
    }
  }
  const said = Object.values(lesson.tasks).flatMap((task) => (task.seen ?? []).map((one) => one.say))
  for (const id of seen) if (!said.includes(id)) say(`no task says ":::seen ${id}"`, 'en.md')
  for (const id of blockIds(lesson, 'task')) if (!tasks.includes(id)) say(`":::task ${id}" is no task`, 'en.md')
  for (const id of Object.keys(lesson.solve)) if (!tasks.includes(id)) say(`solve.${id} is no task`)
  for (const { task, expect } of lesson.wrong ?? []) {
    if (!tasks.includes(task)) say(`wrong: ${task} is no task`)
    else if (!lesson.tasks[task]?.seen?.some((one) => one.say === expect))
      say(`wrong: the task ${task} never says ${expect}`)
  }
  for (const { id, before, kind, options, truth } of lesson.predict ?? []) {
    const block = lesson.prose.en.blocks.find((one) => one.kind === 'predict' && one.id === id)
    if (!block) say(`no block ":::predict ${id}"`, 'en.md')
    else if (kind === 'choice' && block.items.length !== options) {
      say(`predict ${id}: ${block.items.length} options, lesson.yaml says ${options}`, 'en.md')
    }
    if (kind === 'choice' && (truth < 0 || truth >= (options ?? 0))) say(`predict ${id}: truth is none of the options`)
    if (!tasks.includes(before)) say(`predict ${id}: ${before} is no task`)
  }
  return problems
}

const commandOf = (step: Step) => (typeof step === 'string' ? step.trim() : undefined)

/** A challenge that shows its solution is none. */
function checkChallenges(lesson: Lesson, file: (name: string) => string): LessonProblem[] {
  const problems: LessonProblem[] = []
  for (const [id, task] of Object.entries(lesson.tasks)) {
    if (!task.challenge) continue
    const commands = (lesson.solve[id] ?? []).map(commandOf).filter((command) => command !== undefined)
    for (const language of languages) {
      const block = lesson.prose[language].blocks.find((one) => one.kind === 'task' && one.id === id)
      const shown = commands.find((command) => block?.text.includes(command))
      if (block && shown) {
        const message = `the challenge ${id} shows its solution: ${shown}`
        problems.push({ file: file(`${language}.md`), line: block.line, message })
      }
    }
  }
  return problems
}

const link = /\]\(([^)\s]+)\)/g

/** Links lead to other lessons (`lesson:docker.first`) only: the workshop needs no network. */
function checkLinks(lesson: Lesson, ids: ReadonlySet<string>, file: (name: string) => string): LessonProblem[] {
  const problems: LessonProblem[] = []
  const check = (language: Language, text: string, line: number) => {
    for (const [, target = ''] of text.matchAll(link)) {
      const id = /^lesson:(.+)$/.exec(target)?.[1]
      if (id !== undefined && ids.has(id)) continue
      problems.push({ file: file(`${language}.md`), line, message: `dead link: ${target}` })
    }
  }
  for (const language of languages) {
    const prose = lesson.prose[language]
    check(language, prose.lead, 1)
    for (const block of prose.blocks) check(language, block.text, block.line)
  }
  return problems
}

/** What holds between lessons and within one, beyond its shape. In order of the lessons. */
export function lintLessons(lessons: readonly Lesson[], root: string): LessonProblem[] {
  const problems: LessonProblem[] = []
  const taught = new Map<string, string>()
  const ids = new Set(lessons.map((lesson) => lesson.id))
  for (const lesson of lessons) {
    const file = (name: string) => relative(root, join(lesson.folder, name))
    for (const concept of lesson.needs ?? []) {
      if (!taught.has(concept)) {
        problems.push({
          file: file('lesson.yaml'),
          line: 0,
          message: `needs "${concept}", which no lesson before teaches`,
        })
      }
    }
    for (const concept of lesson.concepts ?? []) {
      const by = taught.get(concept)
      if (by) problems.push({ file: file('lesson.yaml'), line: 0, message: `"${concept}" is taught by ${by} already` })
      taught.set(concept, lesson.id)
    }
    problems.push(
      ...compareLanguages(lesson, file),
      ...checkReferences(lesson, file),
      ...checkChallenges(lesson, file),
      ...checkLinks(lesson, ids, file),
    )
  }
  return problems
}
