import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Attachment, OutputChunk } from '../../engine/index.ts'
import type { Call } from '../http/call.ts'
import { frame, streams } from './stdcopy.ts'

export const rawStream = 'application/vnd.docker.raw-stream'
export const multiplexedStream = 'application/vnd.docker.multiplexed-stream'

/**
 * Takes the connection out of HTTP: the answer's head is sent, what follows in both directions is the stream. A client
 * that asked for an upgrade gets 101, any other one 200 and the stream at once.
 *
 * ```
 * POST /containers/x/attach HTTP/1.1        HTTP/1.1 101 UPGRADED
 * Upgrade: tcp                        →     Content-Type: application/vnd.docker.multiplexed-stream
 * Connection: Upgrade                       Connection: Upgrade
 *                                           Upgrade: tcp
 * ```
 */
export function hijack(call: Call, upgradedType: string): Duplex {
  const { response, upgrade } = call
  const socket = upgrade?.socket ?? call.request.socket
  const headers = response
    .getHeaderNames()
    .map((name) => `${canonical(name)}: ${String(response.getHeader(name))}\r\n`)
    .join('')
  response.detachSocket(socket as never)
  if (upgrade === undefined) {
    takeFromParser(socket)
    socket.write(`HTTP/1.1 200 OK\r\nContent-Type: ${rawStream}\r\n${headers}\r\n`)
  } else {
    if (upgrade.head.length > 0) socket.unshift(upgrade.head)
    upgrade.head = Buffer.alloc(0)
    socket.write(
      `HTTP/1.1 101 UPGRADED\r\nContent-Type: ${upgradedType}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n${headers}\r\n`,
    )
  }
  return socket
}

/** The HTTP server listens on its sockets; from here on their bytes are not HTTP. */
function takeFromParser(socket: Duplex): void {
  // Adding a reader makes the server's parser let go of the socket's handle; only then can its listeners go.
  const notice = () => undefined
  socket.on('data', notice)
  for (const name of ['data', 'end', 'drain', 'timeout']) socket.removeAllListeners(name)
  socket.pause()
}

const canonical = (name: string) => name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())

/**
 * Carries an attachment over a raw stream in both directions until the process ends or the client is gone. The client
 * sees the stream's end only when `settled`, so that what it asks next is answered with the end in mind.
 */
export async function carry(
  attachment: Attachment,
  socket: Duplex,
  multiplexed: boolean,
  stdin: boolean,
  settled: () => Promise<void> = async () => undefined,
): Promise<void> {
  const gone = new AbortController()
  socket.once('close', () => gone.abort())
  socket.on('error', () => gone.abort())
  if (socket.destroyed) gone.abort()
  attachment.stdin.on('error', () => socket.resume())
  if (stdin) socket.pipe(attachment.stdin)
  else socket.resume()
  try {
    await writeOutput(attachment, socket, multiplexed, gone.signal)
    if (!gone.signal.aborted) await settled()
  } finally {
    socket.unpipe(attachment.stdin)
    socket.resume()
    await attachment[Symbol.asyncDispose]()
    socket.end()
  }
}

async function writeOutput(attachment: Attachment, socket: Duplex, multiplexed: boolean, gone: AbortSignal) {
  try {
    await pipeline(
      attachment.output,
      async function* (chunks: AsyncIterable<OutputChunk>) {
        for await (const { stream, data } of chunks) yield multiplexed ? frame(streams[stream], data) : data
      },
      async (bytes: AsyncIterable<Buffer>) => {
        for await (const each of bytes) if (!socket.write(each)) await once(socket, 'drain', { signal: gone })
      },
      { signal: gone },
    )
  } catch (error) {
    if (!gone.aborted) throw error
  }
}
