import type { Duplex, Readable } from 'node:stream'
import type { Call } from '../http/call.ts'
import { badRequest, DockerError } from '../http/docker-error.ts'

/** No request of the reference comes near this; a longer one is refused without being kept. */
const bodyLimitBytes = 16 * 1024 * 1024

/** Whether the request announces a body at all. */
export function hasBody(call: Call): boolean {
  const length = call.header('content-length')
  return call.header('transfer-encoding') !== '' || (length !== '' && Number(length) !== 0)
}

/** A body must be called JSON; without one the header may be missing. */
export function requireJson(call: Call): void {
  const type = call.header('content-type')
  if (type === '' && !hasBody(call)) return
  if (type === '') throw badRequest('malformed Content-Type header (): mime: no media type')
  const media = type.split(';')[0]?.trim().toLowerCase() ?? ''
  if (media !== 'application/json') {
    throw badRequest(`unsupported Content-Type header (${type}): must be 'application/json'`)
  }
}

/** The body's text; a body above the limit is refused as soon as that is known. */
export async function readBody(call: Call): Promise<string> {
  const announced = Number(call.header('content-length') || 0)
  if (announced > bodyLimitBytes) throw tooLarge()
  if (call.upgrade !== undefined) return readUpgradeBody(call.upgrade, announced)
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of keepOpen(call.body)) {
    bytes += chunk.length
    if (bytes > bodyLimitBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

const tooLarge = () => new DockerError(413, 'invalid JSON: http: request body too large')

/** Leaving the loop must not destroy the request: the answer still has to be written on its socket. */
function keepOpen(body: Readable): AsyncIterable<Buffer> {
  return { [Symbol.asyncIterator]: () => body.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer> }
}

/**
 * The HTTP parser stops behind the head of a request that asks for an upgrade, so the body is still on the socket.
 * What follows the body belongs to the stream and is put back.
 */
async function readUpgradeBody(upgrade: { socket: Duplex; head: Buffer }, length: number): Promise<string> {
  const { socket } = upgrade
  if (upgrade.head.length > 0) socket.unshift(upgrade.head)
  upgrade.head = Buffer.alloc(0)
  if (length === 0) return ''
  const chunks: Buffer[] = []
  let missing = length
  while (missing > 0) {
    const chunk = (socket.read() as Buffer | null) ?? (await readable(socket))
    if (chunk === undefined) throw badRequest('invalid JSON: unexpected EOF')
    if (chunk === null) continue
    if (chunk.length > missing) socket.unshift(chunk.subarray(missing))
    chunks.push(chunk.subarray(0, missing))
    missing -= Math.min(missing, chunk.length)
  }
  return Buffer.concat(chunks).toString()
}

/** Null when there may be something to read now, undefined when there never will be. */
function readable(socket: Duplex): Promise<null | undefined> {
  return new Promise((resolve) => {
    if (socket.readableEnded || socket.destroyed) return resolve(undefined)
    const more = () => done(null)
    const over = () => done(undefined)
    function done(answer: null | undefined) {
      socket.off('readable', more).off('end', over).off('close', over)
      resolve(answer)
    }
    socket.on('readable', more).on('end', over).on('close', over)
  })
}
