// The same API as ../api, in TypeScript: no dependencies, run by Node 24 directly.
import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'

const version = process.env.VERSION ?? '1.0'
const started = performance.now()
const startDelaySeconds = Number(process.env.START_DELAY ?? '0')
const guestbook = join(process.env.DATA_DIR ?? '/data', 'guestbook.txt')
const port = Number(process.env.PORT ?? '5000')
let hanging = false

type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void> | void

const text = (response: ServerResponse, body: string, status = 200) => {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(body)
}
const json = (response: ServerResponse, body: unknown, status = 200) => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function entries(): Promise<string[]> {
  try {
    return (await readFile(guestbook, 'utf8')).split('\n').filter((line) => line !== '')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

async function body(request: IncomingMessage): Promise<unknown> {
  let bytes = ''
  for await (const chunk of request) bytes += chunk
  try {
    return JSON.parse(bytes)
  } catch {
    return undefined
  }
}

const routes: Record<string, Handler> = {
  'GET /': (_request, response) => text(response, `Hello ${process.env.PRENOM || 'Unknown'}`),
  'GET /whoami': (_request, response) => json(response, { hostname: hostname(), version }),
  'GET /healthz': (_request, response) => {
    if (!hanging) text(response, 'ok')
  },
  'GET /ready': (_request, response) => {
    const starting = performance.now() - started < startDelaySeconds * 1000
    text(response, starting ? 'starting' : 'ready', starting ? 503 : 200)
  },
  'GET /hang': (_request, response) => {
    hanging = true
    text(response, 'hanging')
  },
  'GET /crash': () => process.exit(1),
  'GET /burn': (_request, response, url) => {
    const ms = Number(url.searchParams.get('ms') ?? '100')
    const end = performance.now() + ms
    while (performance.now() < end);
    text(response, `burned ${ms} ms`)
  },
  'GET /guestbook': async (_request, response) => json(response, { entries: await entries() }),
  'POST /guestbook': async (request, response) => {
    const entry = (await body(request)) as { name?: unknown } | undefined
    if (typeof entry?.name !== 'string') return json(response, { detail: 'name is required' }, 422)
    await mkdir(dirname(guestbook), { recursive: true })
    await appendFile(guestbook, `${entry.name.trim().split(/\s+/).join(' ')}\n`)
    json(response, { entries: await entries() }, 201)
  },
  'GET /secret': (request, response) => {
    const expected = process.env.API_KEY
    const allowed = expected !== undefined && expected !== '' && request.headers['x-api-key'] === expected
    text(response, allowed ? 'the cake is in the fridge' : 'who are you?', allowed ? 200 : 401)
  },
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const handler = routes[`${request.method} ${url.pathname}`]
  try {
    if (handler) await handler(request, response, url)
    else json(response, { detail: 'Not Found' }, 404)
  } catch (error) {
    console.error(error)
    json(response, { detail: 'Internal Server Error' }, 500)
  }
  console.log(`${request.socket.remoteAddress} - "${request.method} ${request.url}" ${response.statusCode}`)
})

server.listen(port, '0.0.0.0', () => console.log(`super_api ${version} listens on http://0.0.0.0:${port}`))
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0))
