import type { WebSocket } from 'ws'
import type { Attachment, AttachOptions, Engine, OutputChunk } from '../../engine/index.ts'
import { readBody } from '../decode/read-body.ts'
import type { Call } from '../http/call.ts'
import { badRequest } from '../http/docker-error.ts'
import { type Route, route } from '../http/router.ts'
import { carry, hijack, multiplexedStream, rawStream } from '../streams/hijack.ts'

/** Attaching to a container, over the raw connection or over a WebSocket. */
export function attachRoutes(engine: Engine): Route[] {
  return [
    route('POST', '/containers/{id}/attach', async (call) => {
      const options = attachOptions(call)
      // Some clients send their options as a body too; it is not the container's input.
      await readBody(call)
      const attachment = await engine.containers.attach(call.param('id'), options)
      const multiplexed = !attachment.tty
      const socket = hijack(call, multiplexed && !call.olderThan(42) ? multiplexedStream : rawStream)
      await carry(attachment, socket, multiplexed, options.stdin === true)
    }),
    route('GET', '/containers/{id}/attach/ws', async (call) => {
      const { upgrade } = call
      if (upgrade === undefined) throw badRequest('bad Connection or Upgrade header')
      const all = call.olderThan(42) ? { stdin: true, stdout: true, stderr: true } : {}
      const attachment = await engine.containers.attach(call.param('id'), { ...attachOptions(call), ...all })
      call.response.detachSocket(upgrade.socket as never)
      // Few clients ever come this way: the library is read when the first one does.
      const { WebSocketServer } = await import('ws')
      const sockets = new WebSocketServer({ noServer: true })
      sockets.handleUpgrade(call.request, upgrade.socket, upgrade.head, (socket) => {
        carryOverWebSocket(attachment, socket, !call.olderThan(28)).catch((error: unknown) => {
          call.log.error({ err: error, url: call.request.url }, 'attach over WebSocket failed')
        })
      })
    }),
  ]
}

function attachOptions(call: Call): AttachOptions {
  const { query } = call
  const flag = (name: string) => query.bool(name)
  return {
    stdin: flag('stdin'),
    stdout: flag('stdout'),
    stderr: flag('stderr'),
    logs: flag('logs'),
    stream: flag('stream'),
    detachKeys: query.get('detachKeys'),
  }
}

/** Messages instead of frames: which stream a piece came from is not told. */
async function carryOverWebSocket(attachment: Attachment, socket: WebSocket, binary: boolean): Promise<void> {
  const gone = new AbortController()
  socket.on('message', (data: Buffer) => {
    if (!attachment.stdin.write(data)) {
      socket.pause()
      attachment.stdin.once('drain', () => socket.resume())
    }
  })
  socket.on('error', () => gone.abort())
  attachment.stdin.on('error', () => socket.resume())
  socket.once('close', () => {
    attachment.stdin.end()
    gone.abort()
    attachment.output.destroy()
  })
  try {
    for await (const { data } of attachment.output as AsyncIterable<OutputChunk>) {
      await new Promise<void>((resolve) => socket.send(data, { binary }, () => resolve()))
    }
  } catch (error) {
    if (!gone.signal.aborted) throw error
  } finally {
    socket.close()
    await attachment[Symbol.asyncDispose]()
  }
}
