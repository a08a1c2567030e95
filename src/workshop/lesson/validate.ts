import { Ajv, type ErrorObject } from 'ajv'
import { type Document, isCollection, LineCounter, type Node, parseDocument } from 'yaml'
import type { LessonFile } from './format.ts'
import type { LessonProblem } from './lesson-problem.ts'
import { lessonSchema } from './schema.ts'

const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile<LessonFile>(lessonSchema)

function lineOf(document: Document, counter: LineCounter, path: readonly string[]): number {
  let node: unknown = document.contents
  for (const name of path) {
    if (!isCollection(node)) break
    const next = node.get(/^\d+$/.test(name) && 'items' in node && !node.has(name) ? Number(name) : name, true)
    if (next === undefined) break
    node = next
  }
  const start = (node as Node | null)?.range?.[0]
  return start === undefined ? 0 : counter.linePos(start).line
}

function sentence(error: ErrorObject): string {
  const where = error.instancePath.slice(1).replaceAll('/', '.') || 'lesson'
  const params = error.params as Record<string, unknown>
  switch (error.keyword) {
    case 'additionalProperties':
      return `${where}: unknown field "${params.additionalProperty}"`
    case 'required':
      return `${where}: the field "${params.missingProperty}" is missing`
    case 'enum':
      return `${where}: expected one of ${(params.allowedValues as unknown[]).join(', ')}`
    case 'type':
      return `${where}: expected ${[params.type].flat().join(' or ')}`
    case 'oneOf':
      return `${where}: expected exactly one check: all, any, not, image, container, network, volume, http, file, answer, event, ran or sh`
    default:
      return `${where}: ${error.message ?? error.keyword}`
  }
}

/** The text of a lesson.yaml → the lesson, or what is wrong with it, line by line. */
export function parseLessonFile(
  text: string,
  file: string,
): { lesson: LessonFile | undefined; problems: LessonProblem[] } {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false })
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      file,
      line: counter.linePos(error.pos[0]).line,
      message: error.message,
    }))
    return { lesson: undefined, problems }
  }
  const value: unknown = document.toJS({ maxAliasCount: 100 })
  if (validate(value)) return { lesson: value, problems: [] }
  const errors = validate.errors ?? []
  // `required` below a `oneOf` says the same as the `oneOf` itself, thirteen times.
  const telling = errors.filter(
    (error) => !error.schemaPath.includes('/oneOf/') && !error.schemaPath.includes('/anyOf/'),
  )
  const problems = (telling.length > 0 ? telling : errors).map((error) => ({
    file,
    line: lineOf(document, counter, error.instancePath.split('/').slice(1)),
    message: sentence(error),
  }))
  return { lesson: undefined, problems }
}
