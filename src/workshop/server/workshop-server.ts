import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Log, Workshop } from '../run/workshop.ts'
import type { Terminals } from '../terminal/terminals.ts'
import { Guard, securityHeaders } from './guard.ts'
import { serveLive } from './live.ts'
import { answerApi } from './routes.ts'
import { serveTerminal } from './serve-terminal.ts'
import { serveFile } from './static-files.ts'

export interface WorkshopServerOptions {
  workshop: Workshop
  terminals: Terminals
  /** The built page. */
  webDir: string
  version: string
  log: Log
  /** 0: any free one. */
  port: number
  host?: string
  /** Kept over restarts, so that a learner's link stays good. */
  token?: string
}

export interface WorkshopServer extends AsyncDisposable {
  /** The link with its token. */
  readonly link: string
  readonly port: number
}

const mostMessageBytes = 2 * 1024 * 1024

async function listen(options: WorkshopServerOptions, server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host ?? '127.0.0.1', resolve)
  })
  return (server.address() as AddressInfo).port
}

export async function serveWorkshop(options: WorkshopServerOptions): Promise<WorkshopServer> {
  const { workshop, terminals, version, log } = options
  const server = createServer({ maxHeaderSize: 16 * 1024, headersTimeout: 10_000, requestTimeout: 60_000 })
  const sockets = new WebSocketServer({ noServer: true, maxPayload: mostMessageBytes })
  const port = await listen(options, server)
  const guard = new Guard(port, options.token === undefined ? {} : { token: options.token })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
    const refusal = guard.refuse(request)
    if (refusal) {
      response.writeHead(refusal.status, { 'content-type': 'text/plain' }).end(`${refusal.reason}\n`)
      return
    }
    const url = new URL(request.url ?? '/', `http://localhost:${port}`)
    if (request.method === 'GET' && url.pathname === '/' && url.searchParams.has('token')) {
      if (guard.accepts(url.searchParams.get('token'))) {
        // The token goes into the cookie and out of the address bar.
        response.writeHead(303, { location: '/', 'set-cookie': guard.setCookie() }).end()
        return
      }
    }
    if (!guard.knows(request)) {
      const words =
        'Open the link that `manufacture up` has printed. / Ouvrez le lien que `manufacture up` a affiché.\n'
      response.writeHead(401, { 'content-type': 'text/plain; charset=utf-8' }).end(words)
      return
    }
    if (url.pathname.startsWith('/api/')) {
      if (await answerApi({ workshop, terminals, version }, request, response, url)) return
    } else if (request.method === 'GET') {
      const brotli = /\bbr\b/.test(String(request.headers['accept-encoding'] ?? ''))
      if (await serveFile(options.webDir, url.pathname, response, brotli)) return
    }
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n')
  }

  server.on('request', (request, response) => {
    answer(request, response).catch((error) => {
      log.error({ err: error, url: request.url }, 'the workshop failed to answer')
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ message: error instanceof Error ? error.message : String(error) }))
    })
  })

  server.on('upgrade', (request, socket, head) => {
    const refusal =
      guard.refuse(request, true) ?? (guard.knows(request) ? undefined : { status: 401, reason: 'no token' })
    if (refusal) {
      socket.end(`HTTP/1.1 ${refusal.status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
      return
    }
    const url = new URL(request.url ?? '/', `http://localhost:${port}`)
    sockets.handleUpgrade(request, socket, head, (webSocket: WebSocket) => {
      webSocket.on('error', (error) => log.debug({ err: error }, 'a page broke its connection'))
      if (url.pathname === '/api/live') {
        serveLive(webSocket, workshop, (error) => log.error({ err: error }, 'the live view failed'))
      } else if (url.pathname === '/api/terminal') {
        serveTerminal(webSocket, terminals, url.searchParams.get('id') ?? '')
      } else webSocket.close(4404, 'not found')
    })
  })

  return {
    link: `http://localhost:${port}/?token=${guard.token}`,
    port,
    async [Symbol.asyncDispose]() {
      for (const client of sockets.clients) client.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
