import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocketServer } from 'ws'
import type { ApiHandler, ApiResponse, Log, Upgrade } from '../../kube/api/index.ts'
import { execOverSpdy } from './exec-over-spdy.ts'
import { channelProtocols, execOverWebSocket } from './exec-over-websocket.ts'
import { forwardOverSpdy } from './forward-over-spdy.ts'
import { forwardOverWebSocket } from './forward-over-websocket.ts'
import { h1Request } from './h1-exchange.ts'
import { chunksOf } from './send-body.ts'

/** SPDY inside of WebSocket messages, as kubectl has forwarded ports since 1.31. */
const tunnelProtocol = 'SPDY/3.1+portforward.k8s.io'

const spdyProtocols: Readonly<Record<Upgrade['kind'], readonly string[]>> = {
  exec: ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'],
  portforward: ['portforward.k8s.io'],
}

const chosen = new WeakMap<IncomingMessage, string>()
let server: WebSocketServer | undefined

/** Loaded with the first WebSocket. */
async function webSockets() {
  const ws = await import('ws')
  server ??= new ws.WebSocketServer({
    noServer: true,
    maxPayload: 32 * 1024 * 1024,
    handleProtocols: (offered, request) => chosen.get(request) ?? [...offered][0] ?? false,
  })
  return { server, createWebSocketStream: ws.createWebSocketStream }
}

/** A request of HTTP/1.1 that wants its connection to become something else. */
export async function upgrade(
  handle: ApiHandler,
  message: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  log: Log,
): Promise<void> {
  socket.on('error', (error) => log.debug({ err: error }, 'a connection broke'))
  const response = await handle(h1Request(message, (listener) => socket.once('close', listener)))
  const { body } = response
  if (body === undefined || body instanceof Uint8Array || !('upgrade' in body)) {
    refuse(socket, response)
    return
  }
  const wanted = (message.headers.upgrade ?? '').toLowerCase()
  if (wanted === 'websocket') await toWebSocket(body.upgrade, message, socket, head, log)
  else if (wanted.startsWith('spdy/3.1')) toSpdy(body.upgrade, message, socket, head, log)
  else refuseText(socket, 400, `unable to upgrade: unsupported protocol ${wanted}`)
}

const listOf = (header: string | string[] | undefined): string[] =>
  (Array.isArray(header) ? header.join(',') : (header ?? ''))
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')

async function toWebSocket(
  target: Upgrade,
  message: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  log: Log,
): Promise<void> {
  const offered = listOf(message.headers['sec-websocket-protocol'])
  const known = target.kind === 'portforward' ? [tunnelProtocol, ...channelProtocols] : channelProtocols
  const protocol = known.find((name) => offered.includes(name))
  if (offered.length > 0 && protocol === undefined) {
    refuseText(
      socket,
      403,
      `unable to negotiate protocol: client supports [${offered.join(' ')}], server supports [${known.join(' ')}]`,
    )
    return
  }
  if (protocol !== undefined) chosen.set(message, protocol)
  const { server, createWebSocketStream } = await webSockets()
  server.handleUpgrade(message, socket, head, (webSocket) => {
    webSocket.on('error', (error) => log.debug({ err: error }, 'a WebSocket broke'))
    const failed = (error: unknown) => {
      log.warn({ err: error }, 'a stream to a node failed')
      webSocket.close(1011)
    }
    if (target.kind === 'exec') execOverWebSocket(target, webSocket).catch(failed)
    else if (protocol === tunnelProtocol)
      forwardOverSpdy(target, createWebSocketStream(webSocket), new Uint8Array(0), log)
    else forwardOverWebSocket(target, webSocket).catch(failed)
  })
}

function toSpdy(target: Upgrade, message: IncomingMessage, socket: Duplex, head: Buffer, log: Log): void {
  const offered = listOf(message.headers['x-stream-protocol-version'])
  const known = spdyProtocols[target.kind]
  const protocol = offered.length === 0 ? known.at(-1) : known.find((name) => offered.includes(name))
  if (protocol === undefined) {
    refuseText(
      socket,
      403,
      `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${known.join(' ')}]`,
    )
    return
  }
  const version = offered.length === 0 ? '' : `X-Stream-Protocol-Version: ${protocol}\r\n`
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n${version}\r\n`)
  if (target.kind === 'exec') execOverSpdy(target, socket, head)
  else forwardOverSpdy(target, socket, head, log)
}

/** The API said no: a plain answer, and the connection is over. */
function refuse(socket: Duplex, response: ApiResponse): void {
  const whole = response.body && chunksOf(response.body)
  const body = Buffer.concat(whole ? [...whole.chunks] : [])
  const headers = { ...response.headers, 'content-length': String(body.length), connection: 'close' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ''}\r\n${lines.join('')}\r\n`)
  socket.end(body)
}

function refuseText(socket: Duplex, status: number, text: string): void {
  refuse(socket, { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(`${text}\n`) })
}
