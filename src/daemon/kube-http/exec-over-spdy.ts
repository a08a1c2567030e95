import type { Duplex } from 'node:stream'
import type { TerminalSize, Upgrade } from '../../kube/api/index.ts'
import { SpdyConnection } from './spdy-connection.ts'
import type { SpdyStream } from './spdy-stream.ts'

type Exec = Extract<Upgrade, { kind: 'exec' }>

/** The client has to open its streams within this time. */
const patienceMs = 30_000

/** exec and attach: the client opens `error`, `stdin`, `stdout`, `stderr` and `resize`, as far as it asked for them. */
export function execOverSpdy(exec: Exec, socket: Duplex, head: Uint8Array): void {
  const wanted = new Set(['error'])
  if (exec.stdin) wanted.add('stdin')
  if (exec.stdout) wanted.add('stdout')
  if (exec.stderr) wanted.add('stderr')
  if (exec.tty) wanted.add('resize')
  const streams = new Map<string, SpdyStream>()
  const timer = setTimeout(() => connection.abort(), patienceMs)
  const connection = new SpdyConnection(socket, head, (stream) => {
    const type = stream.headers.streamtype ?? ''
    if (!wanted.has(type) || streams.has(type)) {
      connection.abort()
      return
    }
    streams.set(type, stream)
    if (streams.size < wanted.size) return
    clearTimeout(timer)
    run(exec, connection, streams).then(
      () => connection.close(),
      () => connection.abort(),
    )
  })
  connection.onClose(() => clearTimeout(timer))
}

async function run(exec: Exec, connection: SpdyConnection, streams: ReadonlyMap<string, SpdyStream>): Promise<void> {
  const [stdin, stdout, stderr, resize, error] = ['stdin', 'stdout', 'stderr', 'resize', 'error'].map((type) =>
    streams.get(type),
  )
  const status = await exec.run({
    ...(stdin ? { stdin: stdin.readable } : {}),
    ...(stdout ? { stdout: (chunk: Uint8Array) => stdout.write(chunk) } : {}),
    ...(stderr ? { stderr: (chunk: Uint8Array) => stderr.write(chunk) } : {}),
    ...(resize ? { resize: sizesOf(resize.readable) } : {}),
    onClose: (listener) => connection.onClose(listener),
  })
  await error?.write(Buffer.from(JSON.stringify(status)))
  for (const stream of streams.values()) await stream.end()
}

/** Sizes of a terminal, one JSON object after the other. */
async function* sizesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<TerminalSize> {
  let text = ''
  for await (const chunk of source) {
    text += Buffer.from(chunk).toString()
    for (let end = text.indexOf('}'); end >= 0; end = text.indexOf('}')) {
      const size = sizeOf(text.slice(0, end + 1))
      text = text.slice(end + 1)
      if (size) yield size
    }
  }
}

export function sizeOf(text: string): TerminalSize | undefined {
  try {
    const { Width: width, Height: height } = JSON.parse(text) as { Width?: unknown; Height?: unknown }
    return typeof width === 'number' && typeof height === 'number' ? { width, height } : undefined
  } catch {
    // A size that cannot be read changes nothing.
    return undefined
  }
}
