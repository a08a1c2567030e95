import { PassThrough } from 'node:stream'
import type { WebSocket } from 'ws'
import type { TerminalSize, Upgrade } from '../../kube/api/index.ts'
import { sizeOf } from './exec-over-spdy.ts'

type Exec = Extract<Upgrade, { kind: 'exec' }>

/** Subprotocols of exec and attach, best first. */
export const channelProtocols = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v3.channel.k8s.io',
  'v2.channel.k8s.io',
  'channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'base64.channel.k8s.io',
]

const stdinChannel = 0
const stdoutChannel = 1
const stderrChannel = 2
const errorChannel = 3
const resizeChannel = 4
/** Since v5: the second byte says which channel ends. */
const closeChannel = 255
const keepaliveMs = 30_000

/** exec and attach: every message begins with the number of its channel. */
export async function execOverWebSocket(exec: Exec, socket: WebSocket): Promise<void> {
  const channels = new Channels(socket)
  const stdin = new PassThrough()
  const sizes = new PassThrough({ objectMode: true })
  channels.onMessage = (channel, data) => {
    if (channel === stdinChannel && exec.stdin) channels.feed(stdin, data)
    else if (channel === resizeChannel && exec.tty) {
      const size = sizeOf(data.toString())
      if (size) sizes.write(size)
    } else if (channel === closeChannel && data[0] === stdinChannel) stdin.end()
  }
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  void ended.then(() => {
    stdin.end()
    sizes.end()
  })
  const keepalive = setInterval(() => socket.ping(), keepaliveMs)
  try {
    const status = await exec.run({
      ...(exec.stdin ? { stdin } : {}),
      ...(exec.stdout ? { stdout: (chunk: Uint8Array) => channels.send(stdoutChannel, chunk) } : {}),
      ...(exec.stderr ? { stderr: (chunk: Uint8Array) => channels.send(stderrChannel, chunk) } : {}),
      ...(exec.tty ? { resize: sizes as AsyncIterable<TerminalSize> } : {}),
      onClose: (listener) => void ended.then(listener),
    })
    await channels.sendStatus(status)
    socket.close(1000)
  } finally {
    clearInterval(keepalive)
  }
}

class Channels {
  readonly #socket: WebSocket
  readonly #isBase64: boolean
  readonly #hasStatus: boolean
  onMessage: (channel: number, data: Buffer) => void = () => undefined

  constructor(socket: WebSocket) {
    this.#socket = socket
    this.#isBase64 = socket.protocol.includes('base64')
    this.#hasStatus = /^v[45]\./.test(socket.protocol)
    socket.on('message', (raw: Buffer) => {
      const channel = raw[0]
      if (channel === undefined) return
      if (this.#isBase64) this.onMessage(channel - 0x30, Buffer.from(raw.subarray(1).toString('latin1'), 'base64'))
      else this.onMessage(channel, raw.subarray(1))
    })
  }

  /** The socket is not read while the reader of the stream is behind. */
  feed(stream: PassThrough, data: Buffer): void {
    if (stream.writableEnded || stream.write(data)) return
    this.#socket.pause()
    stream.once('drain', () => this.#socket.resume())
  }

  send(channel: number, data: Uint8Array): Promise<void> {
    const message = this.#isBase64
      ? Buffer.from(String(channel) + Buffer.from(data).toString('base64'))
      : Buffer.concat([Buffer.of(channel), data])
    return new Promise((resolve) => this.#socket.send(message, { binary: !this.#isBase64 }, () => resolve()))
  }

  /** Older protocols know only the text of a failure. */
  sendStatus(status: Record<string, unknown>): Promise<void> {
    if (this.#hasStatus) return this.send(errorChannel, Buffer.from(JSON.stringify(status)))
    return status.status === 'Success'
      ? Promise.resolve()
      : this.send(errorChannel, Buffer.from(String(status.message)))
  }
}
