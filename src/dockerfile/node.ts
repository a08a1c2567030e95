import { goQuote, isSpace, trimSpaceLeft } from './characters.ts'
import { heredocMarks } from './heredoc.ts'
import { fault } from './syntax-error.ts'
import { cutBlanks, parseJsonWords, splitBlanks, splitInstruction, splitWords } from './words.ts'

/** What a line says, before it has a place. */
export interface LineNode {
  readonly keyword: string
  readonly flags: readonly string[]
  readonly args: readonly string[]
  readonly json: boolean
  readonly jsonFault?: string
  readonly original: string
  readonly trigger?: LineNode
}

type Arguments = Pick<LineNode, 'args' | 'json' | 'jsonFault'>

const none: Arguments = { args: [], json: false }

function shellOrJson(rest: string, shell: (rest: string) => string[]): Arguments {
  if (rest === '') return none
  const parsed = parseJsonWords(rest)
  if ('words' in parsed) return { args: parsed.words, json: true }
  return { args: shell(rest), json: false, ...(parsed.fault === undefined ? {} : { jsonFault: parsed.fault }) }
}

const whole = (rest: string): string[] => (rest === '' ? [] : [rest])
const oneString = (rest: string): Arguments => ({ args: whole(rest), json: false })
const wordList = (rest: string): Arguments => ({ args: rest === '' ? [] : splitBlanks(rest), json: false })
const commandLine = (rest: string): Arguments => shellOrJson(rest, whole)
const jsonList = (rest: string): Arguments => shellOrJson(rest, splitBlanks)

/** Key, value, separator: an empty separator marks `KEY value`, the old form. */
function nameValues(rest: string, escapeToken: string, keyword: string): Arguments {
  const words = splitWords(rest, escapeToken)
  const [first] = words
  if (first === undefined) return none
  if (!first.includes('=')) {
    const { first: key, rest: value } = cutBlanks(rest)
    if (value === undefined)
      throw fault(`${keyword} must have two arguments`, { expected: `${keyword} <key>=<value>`, token: first })
    return { args: [key, value, ''], json: false }
  }
  const args = words.flatMap((word) => {
    const equals = word.indexOf('=')
    if (equals < 0)
      throw fault(`Syntax error - can't find = in ${goQuote(word)}. Must be of the form: name=value`, {
        expected: `${keyword} <key>=<value> …`,
        token: word,
      })
    return [word.slice(0, equals), word.slice(equals + 1), '=']
  })
  return { args, json: false }
}

function healthcheck(rest: string): Arguments {
  let end = 0
  while (end < rest.length && !isSpace(rest.charAt(end))) end++
  if (end === 0) return none
  const command = commandLine(trimSpaceLeft(rest.slice(end)))
  return { ...command, args: [rest.slice(0, end), ...command.args] }
}

const readers: Readonly<Record<string, (rest: string, escapeToken: string) => Arguments>> = {
  add: jsonList,
  arg: (rest, escapeToken) => ({ args: splitWords(rest, escapeToken), json: false }),
  cmd: commandLine,
  copy: jsonList,
  entrypoint: commandLine,
  env: (rest, escapeToken) => nameValues(rest, escapeToken, 'ENV'),
  expose: wordList,
  from: wordList,
  healthcheck,
  label: (rest, escapeToken) => nameValues(rest, escapeToken, 'LABEL'),
  maintainer: oneString,
  run: commandLine,
  shell: commandLine,
  stopsignal: oneString,
  user: oneString,
  volume: jsonList,
  workdir: oneString,
}

/** Every instruction of the language, lowercase; those that are written most go first, as suggestions. */
export const keywords: readonly string[] = [
  ...new Set(['from', 'run', 'copy', 'cmd', 'env', 'arg', ...Object.keys(readers), 'onbuild']),
]

export function readLine(line: string, escapeToken: string, depth = 0): LineNode {
  const { keyword, flags, rest } = splitInstruction(line, escapeToken)
  const name = keyword.toLowerCase()
  if (name === 'onbuild') {
    // a trigger behind a trigger is refused later; here it must only end
    if (rest === '' || depth > 1) return { keyword, flags, args: whole(rest), json: false, original: line }
    const trigger = readLine(rest, escapeToken, depth + 1)
    return { keyword, flags, args: [trigger.keyword, ...trigger.args], json: trigger.json, original: line, trigger }
  }
  const read = Object.hasOwn(readers, name) ? readers[name] : undefined
  return { keyword, flags, ...(read?.(rest, escapeToken) ?? { args: [''], json: false }), original: line }
}

const takesHeredocs: ReadonlySet<string> = new Set(['add', 'copy', 'run'])

/** The here-documents that follow this line. */
export function announcedHeredocs(node: LineNode): ReturnType<typeof heredocMarks> {
  const inner = node.keyword.toLowerCase() === 'onbuild' && node.trigger ? node.trigger : node
  if (!takesHeredocs.has(inner.keyword.toLowerCase()) || inner.json || !node.original.includes('<<')) return []
  return heredocMarks(node.original)
}
