import { pipeline } from 'node:stream/promises'
import { createDeflateRaw, createGzip } from 'node:zlib'
import type { Engine, PathStat } from '../../engine/index.ts'
import type { Call } from '../http/call.ts'
import { badRequest } from '../http/docker-error.ts'
import { type Route, route } from '../http/router.ts'

/** Files in containers, as tar: `docker cp` and `docker export`. */
export function archiveRoutes(engine: Engine): Route[] {
  const { containers } = engine
  return [
    route('HEAD', '/containers/{id}/archive', async (call) => {
      const stat = await containers.statPath(call.param('id'), archivePath(call))
      call.response.writeHead(200, { 'X-Docker-Container-Path-Stat': statHeader(stat) }).end()
    }),
    route('GET', '/containers/{id}/archive', async (call) => {
      const { stat, tar } = await containers.getArchive(call.param('id'), archivePath(call))
      const encoding = bestEncoding(call.header('accept-encoding'))
      call.response.writeHead(200, {
        'Content-Type': 'application/x-tar',
        'X-Docker-Container-Path-Stat': statHeader(stat),
        ...(encoding === undefined ? {} : { 'Content-Encoding': encoding }),
      })
      if (encoding === undefined) return send(call, tar)
      const packer = encoding === 'gzip' ? createGzip({ level: 1 }) : createDeflateRaw({ level: 1 })
      await send(call, tar, packer)
    }),
    route('PUT', '/containers/{id}/archive', async (call) => {
      const { query } = call
      await containers.putArchive(call.param('id'), archivePath(call), call.body, {
        noOverwriteDirNonDir: query.bool('noOverwriteDirNonDir'),
        copyUidGid: query.bool('copyUIDGID'),
      })
      call.empty(200)
    }),
    route('GET', '/containers/{id}/export', async (call) => {
      const tar = await containers.export(call.param('id'))
      call.response.writeHead(200, { 'Content-Type': 'application/octet-stream' })
      await send(call, tar)
    }),
  ]
}

function archivePath(call: Call): string {
  if (call.param('id') === '') throw badRequest('bad parameter: name cannot be empty')
  const path = call.query.get('path')
  if (path === '') throw badRequest('bad parameter: path cannot be empty')
  return path
}

function statHeader(stat: PathStat): string {
  return Buffer.from(JSON.stringify(stat)).toString('base64')
}

function bestEncoding(accept: string): 'gzip' | 'deflate' | undefined {
  const accepted = new Map(
    accept.split(',').map((part) => {
      const [name = '', quality] = part.split(';').map((each) => each.trim())
      return [name.toLowerCase(), quality === undefined ? 1 : Number(quality.replace(/^q=/, ''))] as const
    }),
  )
  const gzip = accepted.get('gzip') ?? 0
  const deflate = accepted.get('deflate') ?? 0
  const plain = accepted.get('identity') ?? 0
  if (Math.max(gzip, deflate) <= 0 || plain > Math.max(gzip, deflate)) return undefined
  return gzip >= deflate ? 'gzip' : 'deflate'
}

/** Sends a stream as the answer; a client that hangs up ends it quietly. */
export async function send(
  call: Call,
  ...streams: [NodeJS.ReadableStream, ...NodeJS.ReadWriteStream[]]
): Promise<void> {
  try {
    await pipeline([...streams, call.response])
  } catch (error) {
    if (!call.gone.aborted && !call.response.destroyed) throw error
    if (!call.gone.aborted && (error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') {
      call.log.error({ err: error, url: call.request.url }, 'stream broke off through a fault of ours')
    }
  }
}
