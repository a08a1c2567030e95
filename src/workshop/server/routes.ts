import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Workshop } from '../run/workshop.ts'
import type { Terminals } from '../terminal/terminals.ts'
import { FileFault, listFiles, readText, writeText } from './files.ts'
import { lessonMap, lessonView } from './lesson-view.ts'

/** A request that the page must not make: its first line is for whoever reads the answer. */
class BadRequest extends Error {}

export interface RouteContext {
  workshop: Workshop
  terminals: Terminals
  version: string
}

const bodyLimit = 2 * 1024 * 1024

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) throw new BadRequest('expected JSON')
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > bodyLimit) throw new FileFault(413, 'the request is too large')
    chunks.push(chunk)
  }
  let value: unknown
  try {
    value = JSON.parse(Buffer.concat(chunks).toString())
  } catch (error) {
    throw new BadRequest('expected JSON', { cause: error })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new BadRequest('expected an object')
  return value as Record<string, unknown>
}

function text(body: Record<string, unknown>, name: string): string {
  const value = body[name]
  if (typeof value !== 'string') throw new BadRequest(`${name}: expected a text`)
  return value
}

function folderOf(workshop: Workshop): string {
  if (workshop.folder === undefined) throw new BadRequest('no lesson is open')
  return workshop.folder
}

type Route = (context: RouteContext, request: IncomingMessage, url: URL) => Promise<unknown> | unknown

const routes: Record<string, Route> = {
  'GET /api/map': ({ workshop, version }) => lessonMap(workshop, version),
  'GET /api/lesson': ({ workshop }) => lessonView(workshop) ?? null,
  'POST /api/lesson/open': async ({ workshop }, request) => {
    const body = await readJson(request)
    const id = text(body, 'id')
    if (!workshop.lessons.some((lesson) => lesson.id === id)) throw new BadRequest(`no such lesson: ${id}`)
    await workshop.open(id)
    return lessonView(workshop)
  },
  'POST /api/lesson/reset': async ({ workshop }, request) => {
    await readJson(request)
    await workshop.reset()
    return lessonView(workshop)
  },
  'POST /api/lesson/undo': async ({ workshop }, request) => {
    await readJson(request)
    await workshop.undo()
    return lessonView(workshop)
  },
  'POST /api/answer': async ({ workshop }, request) => {
    const body = await readJson(request)
    const { value } = body
    if (typeof value !== 'string' && typeof value !== 'number')
      throw new BadRequest('value: expected a text or a number')
    workshop.session?.answer(text(body, 'id'), value)
    return {}
  },
  'POST /api/predict': async ({ workshop }, request) => {
    const body = await readJson(request)
    const id = text(body, 'id')
    const lesson = workshop.session?.lesson
    const prediction = lesson?.predict?.find((one) => one.id === id)
    const answer = body.answer
    if (!lesson || !prediction || typeof answer !== 'number') throw new BadRequest('no such prediction')
    const right = answer === prediction.truth
    await workshop.progress.change((progress) => {
      progress.predictions[`${lesson.id}/${id}`] = { answer, right, at: Date.now() }
    })
    return { right, truth: prediction.truth }
  },
  'POST /api/hint': async ({ workshop }, request) => {
    const body = await readJson(request)
    const task = text(body, 'task')
    const { count } = body
    const lesson = workshop.session?.lesson.id
    if (lesson === undefined || typeof count !== 'number') throw new BadRequest('count: expected a number')
    await workshop.progress.change((progress) => {
      const key = `${lesson}/${task}`
      progress.hints[key] = Math.max(progress.hints[key] ?? 0, count)
    })
    return {}
  },
  'GET /api/files': async ({ workshop }) => await listFiles(folderOf(workshop)),
  'GET /api/file': async ({ workshop }, _request, url) =>
    await readText(folderOf(workshop), url.searchParams.get('path') ?? ''),
  'PUT /api/file': async ({ workshop }, request) => {
    const body = await readJson(request)
    const from = body.from === null ? null : text(body, 'from')
    return await writeText(folderOf(workshop), text(body, 'path'), text(body, 'text'), from)
  },
  'GET /api/terminals': ({ terminals }) => terminals.ids,
  'POST /api/terminals': async ({ terminals }, request) => {
    await readJson(request)
    return { id: terminals.create().id }
  },
  'DELETE /api/terminal': ({ terminals }, _request, url) => {
    terminals.close(url.searchParams.get('id') ?? '')
    return {}
  },
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value))
}

/** Answers /api/…; false where there is no such route. */
export async function answerApi(
  context: RouteContext,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<boolean> {
  const route = routes[`${request.method} ${url.pathname}`]
  if (!route) return false
  try {
    send(response, 200, await route(context, request, url))
  } catch (error) {
    if (error instanceof BadRequest) send(response, 400, { message: error.message })
    else if (error instanceof FileFault) send(response, error.status, { message: error.message })
    else throw error
  }
  return true
}
