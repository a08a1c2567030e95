import { request as httpRequest, type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'

/** A Docker Engine API as any client sees it: ours or anybody's. */
export interface DockerEndpoint {
  /** The DOCKER_HOST value. */
  readonly host: string
  /** JSON in, JSON out. @throws DockerApiError with the engine's own sentence */
  call<T>(method: string, path: string, body?: unknown): Promise<T>
  /** The raw bytes of an answer (logs, archives). */
  bytes(method: string, path: string, body?: unknown): Promise<Buffer>
  /** Events from now on, until the signal; ends when the engine goes away. */
  events(signal: AbortSignal): AsyncGenerator<DockerEvent, void, undefined>
}

export interface DockerEvent {
  Type: string
  Action: string
  Actor: { ID: string; Attributes: Record<string, string> }
  time: number
  timeNano: number
}

export class DockerApiError extends Error {
  override name = 'DockerApiError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

interface Target {
  socketPath?: string
  hostname?: string
  port?: number
}

function targetOf(host: string): Target {
  if (host.startsWith('unix://')) return { socketPath: host.slice('unix://'.length) }
  const url = /^tcp:\/\/([^:/]+):(\d+)/.exec(host)
  if (!url?.[1] || !url[2]) throw new Error(`Cannot use ${host}: expected unix:///path or tcp://host:port`)
  return { hostname: url[1], port: Number(url[2]) }
}

async function collect(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** The lowest API version that has all that the checks read. */
const apiVersion = 'v1.41'

export function dockerEndpoint(host: string): DockerEndpoint {
  const target = targetOf(host)

  async function send(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<IncomingMessage> {
    const payload = body === undefined ? undefined : JSON.stringify(body)
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = httpRequest({
        ...target,
        method,
        path: `/${apiVersion}${path}`,
        headers: { host: 'docker', ...(payload === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(signal ? { signal } : {}),
      })
      request.once('response', resolve)
      request.once('error', reject)
      request.end(payload)
    })
    const status = response.statusCode ?? 0
    if (status < 400) return response
    const text = (await collect(response)).toString()
    let message = text
    try {
      message = (JSON.parse(text) as { message: string }).message
    } catch {
      // A proxy in between answers with plain text: that is then the message.
    }
    throw new DockerApiError(status, message)
  }

  return {
    host,
    async call<T>(method: string, path: string, body?: unknown): Promise<T> {
      const text = (await collect(await send(method, path, body))).toString()
      return (text === '' ? undefined : JSON.parse(text)) as T
    },
    async bytes(method, path, body) {
      return await collect(await send(method, path, body))
    },
    async *events(signal) {
      const response = await send('GET', '/events', undefined, signal)
      try {
        for await (const line of createInterface({ input: response })) {
          if (line.trim() !== '') yield JSON.parse(line) as DockerEvent
        }
      } catch (error) {
        if (!signal.aborted) throw error
      } finally {
        response.destroy()
      }
    },
  }
}
