import type { LessonProblem } from './lesson-problem.ts'

/**
 * The words of a lesson in one language. A prose file is a title, then blocks:
 *
 *     # Trois portes
 *     One sentence that says what for.
 *
 *     :::task answered
 *     Publish the port …
 *     :::
 *
 * Kinds with an id: `task`, `hints` (a numbered list, one step an item), `seen`, `predict` (a question, then a list of
 * options, then what is said afterwards), `concept` (a glossary entry). Kinds without: `why`, `break`, `debrief`, `real`, `golf`, `challenge`.
 */
export interface Prose {
  title: string
  lead: string
  blocks: ProseBlock[]
}

export interface ProseBlock {
  kind: BlockKind
  /** Empty for kinds without one. */
  id: string
  /** Markdown. */
  text: string
  /** Of its first line in the file, from 1. */
  line: number
  /** Items of its first list: a prediction's options, the steps of hints. */
  items: string[]
  /** Contents of its fenced code blocks, which must be the same in every language. */
  code: string[]
}

const kindsWithId = ['task', 'hints', 'seen', 'predict', 'concept'] as const
const kindsWithout = ['why', 'break', 'debrief', 'real', 'golf', 'challenge', 'story'] as const
export type BlockKind = (typeof kindsWithId)[number] | (typeof kindsWithout)[number]

function isKindWithId(kind: string): kind is (typeof kindsWithId)[number] {
  return (kindsWithId as readonly string[]).includes(kind)
}

function isKind(kind: string): kind is BlockKind {
  return isKindWithId(kind) || (kindsWithout as readonly string[]).includes(kind)
}

function listItems(text: string): string[] {
  const items: string[] = []
  let inList = false
  let fenced = false
  for (const line of text.split('\n')) {
    if (/^\s*```/.test(line)) fenced = !fenced
    const start = fenced ? null : /^(?:[-*]|\d+[.)])\s+(.*)$/.exec(line)
    if (start) {
      inList = true
      items.push(start[1] ?? '')
    } else if (inList && (line === '' || /^\s/.test(line))) {
      items[items.length - 1] += `\n${line.replace(/^ {1,3}/, '')}`
    } else if (inList) break
  }
  return items.map((item) => item.trim())
}

function codeBlocks(text: string): string[] {
  return [...text.matchAll(/^ *```[^\n]*\n([\s\S]*?)^ *```/gm)].map((match) =>
    (match[1] ?? '').replace(/^ +/gm, '').trimEnd(),
  )
}

export function parseProse(text: string, file: string): { prose: Prose; problems: LessonProblem[] } {
  const problems: LessonProblem[] = []
  const prose: Prose = { title: '', lead: '', blocks: [] }
  const lead: string[] = []
  let open: { kind: BlockKind; id: string; line: number; lines: string[] } | undefined
  let fenced = false
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  lines.forEach((line, index) => {
    const number = index + 1
    if (/^\s*```/.test(line)) fenced = !fenced
    const marker = fenced ? null : /^:::\s*(\S*)\s*(.*?)\s*$/.exec(line)
    if (!marker) {
      if (open) open.lines.push(line)
      else if (prose.title === '' && line.startsWith('# ')) prose.title = line.slice(2).trim()
      else lead.push(line)
      return
    }
    const [, kind = '', id = ''] = marker
    if (kind === '') {
      if (!open) problems.push({ file, line: number, message: 'a block ends here that has not begun' })
      else {
        const body = open.lines.join('\n').trim()
        prose.blocks.push({
          kind: open.kind,
          id: open.id,
          line: open.line,
          text: body,
          items: listItems(body),
          code: codeBlocks(body),
        })
      }
      open = undefined
      return
    }
    if (open) problems.push({ file, line: open.line, message: `the block ${open.kind} ${open.id} does not end` })
    if (!isKind(kind)) {
      const known = [...kindsWithId, ...kindsWithout].join(', ')
      problems.push({ file, line: number, message: `unknown block "${kind}": expected one of ${known}` })
      open = undefined
      return
    }
    if (isKindWithId(kind) && id === '') {
      problems.push({ file, line: number, message: `the block ${kind} needs an id: :::${kind} <id>` })
    }
    open = { kind, id, line: number, lines: [] }
  })
  if (open) problems.push({ file, line: open.line, message: `the block ${open.kind} ${open.id} does not end` })
  if (prose.title === '') problems.push({ file, line: 1, message: 'expected a title: # …' })
  prose.lead = lead.join('\n').trim()
  return { prose, problems }
}
