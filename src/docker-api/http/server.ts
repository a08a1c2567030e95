import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { maxApiVersion, negotiate, wantsPlainErrors } from './api-version.ts'
import { Call, type Log } from './call.ts'
import { DockerError } from './docker-error.ts'
import { Query } from './query.ts'
import { readRequestPath } from './request-path.ts'
import type { Router } from './router.ts'

export type HttpServerOptions = {
  router: Router
  log: Log
  /** The product's version, for the Server header. */
  version: string
  /** Turns what the rooms below throw into this room's error; undefined for what is a fault of ours. */
  translate: (error: unknown) => DockerError | undefined
}

/** Docker reads up to a megabyte of headers: a client's registry credentials all travel in one of them. */
const maxHeaderBytes = 1024 * 1024

/** After an early answer, an unwanted body is read away for so long before the connection is closed. */
const drainLimitMilliseconds = 30_000

/** Paths whose connection becomes a raw stream; on any other path a wish to upgrade is not heard. */
const upgradable = /^(\/v[0-9.]+)?\/(containers\/[^?]+\/attach(\/ws)?|exec\/[^?]+\/start|session|grpc)(\?|$)/

/** An HTTP server whose every request goes through the router, and whose every fault becomes Docker's `{message}`. */
export function createHttpServer(options: HttpServerOptions): Server {
  const server = createServer({
    maxHeaderSize: maxHeaderBytes,
    keepAliveTimeout: 0,
    requestTimeout: 0,
    shouldUpgradeCallback: (request) => upgradable.test(request.url ?? ''),
  })
  server.on('request', (request, response) => void answer(request, response, undefined))
  server.on('upgrade', (request, socket, head) => {
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(socket as never)
    response.on('finish', () => socket.end())
    void answer(request, response, { socket, head })
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuseMalformed(error, socket))
  return server

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    upgrade: { socket: Duplex; head: Buffer } | undefined,
  ): Promise<void> {
    request.on('error', (error) => options.log.debug({ error: error.message }, 'request broke off'))
    response.on('error', (error) => options.log.debug({ error: error.message }, 'client hung up'))
    upgrade?.socket.on('error', (error) => options.log.debug({ error: error.message }, 'stream broke off'))
    response.setHeader('Api-Version', maxApiVersion)
    response.setHeader('Docker-Experimental', 'false')
    response.setHeader('Ostype', 'linux')
    response.setHeader('Server', `Docker/${options.version} (linux)`)
    let asked: string | undefined
    try {
      const target = readRequestPath(request.url ?? '/')
      if ('location' in target) {
        response.writeHead(301, { Location: target.location, 'Content-Length': 0 }).end()
        return
      }
      asked = target.version
      if (request.method === 'OPTIONS') {
        response.writeHead(200, { 'Content-Length': 0 }).end()
        return
      }
      const match = options.router.find(request.method ?? 'GET', target.path)
      if (match === undefined) throw new DockerError(404, 'page not found')
      const version = negotiate(asked)
      const { pattern, since = 0 } = match.route
      if (version < 1000 + since) {
        const shown = pattern.replace('{name}', '{name:.*}')
        throw new DockerError(400, `${request.method} ${shown} requires minimum API version 1.${since}`)
      }
      const { params } = match
      const query = new Query(target.query)
      const { path } = target
      await match.route.handle(new Call({ request, response, path, query, version, params, log: options.log, upgrade }))
    } catch (error) {
      fail(request, response, error, wantsPlainErrors(asked))
    } finally {
      drain(request, response)
    }
  }

  function fail(request: IncomingMessage, response: ServerResponse, error: unknown, plain: boolean): void {
    const known = error instanceof DockerError ? error : options.translate(error)
    const status = known?.status ?? 500
    const message = known?.message ?? (error instanceof Error ? error.message : String(error))
    const about = { method: request.method, url: request.url, status }
    if (known === undefined) options.log.error({ ...about, err: error }, 'request failed through a fault of ours')
    else if (status === 500) options.log.error({ ...about, err: known }, 'request failed')
    else options.log.debug({ ...about, error: message }, 'request refused')
    if (response.destroyed || response.writableEnded) return
    if (response.headersSent) {
      // The status is out, so the only honest end is one that the client sees as broken.
      response.destroy()
      return
    }
    for (const name of response.getHeaderNames()) if (name.startsWith('content-')) response.removeHeader(name)
    const bodyless = request.method === 'HEAD' || status === 304
    const text = Buffer.from(plain ? `${message}\n` : `${JSON.stringify({ message })}\n`)
    response.writeHead(status, {
      ...(bodyless ? {} : { 'Content-Type': plain ? 'text/plain; charset=utf-8' : 'application/json' }),
      ...(status === 304 ? {} : { 'Content-Length': bodyless ? 0 : text.length }),
    })
    response.end(bodyless ? undefined : text)
  }
}

/** Reads away what is left of a body, so that a client that is still sending gets to read its answer. */
function drain(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete || request.destroyed || !response.writableEnded) return
  const limit = setTimeout(() => request.destroy(), drainLimitMilliseconds).unref()
  request.once('close', () => clearTimeout(limit))
  request.resume()
}

function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const line = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
  socket.end(`HTTP/1.1 ${line}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${line}`, () =>
    socket.destroy(),
  )
}
