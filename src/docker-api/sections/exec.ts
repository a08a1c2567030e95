import { type Engine, EngineError, type ExecConfig } from '../../engine/index.ts'
import { readRequest } from '../decode/request-body.ts'
import type { Call } from '../http/call.ts'
import { badRequest } from '../http/docker-error.ts'
import { parseSize } from '../http/query.ts'
import { type Route, route } from '../http/router.ts'
import { carry, hijack, multiplexedStream, rawStream } from '../streams/hijack.ts'
import { frame, streams } from '../streams/stdcopy.ts'

type StartRequest = { Detach: boolean; Tty: boolean; ConsoleSize: [number, number] | null }

/** Exec: a further process in a running container. */
export function execRoutes(engine: Engine): Route[] {
  return [
    route('POST', '/containers/{id}/exec', async (call) => {
      const config = await readRequest<ExecConfig>(call, 'POST /containers/{id}/exec')
      if ((config.Cmd ?? []).length === 0) throw badRequest('No exec command specified')
      if (call.olderThan(42)) delete config.ConsoleSize
      call.json(201, await engine.execs.create(call.param('id'), config))
    }),
    route('POST', '/exec/{id}/start', (call) => start(engine, call)),
    route('POST', '/exec/{id}/resize', async (call) => {
      const size = { rows: parseSize(call.query, 'h', 'height'), columns: parseSize(call.query, 'w', 'width') }
      await engine.execs.resize(call.param('id'), size)
      call.empty(200)
    }),
    route('GET', '/exec/{id}/json', (call) => call.json(200, engine.execs.inspect(call.param('id')))),
  ]
}

async function start(engine: Engine, call: Call): Promise<void> {
  const id = call.param('id')
  const request = await readRequest<StartRequest>(call, 'POST /exec/{id}/start')
  const tty = request.Tty === true
  const consoleSize = tty && !call.olderThan(42) ? request.ConsoleSize : undefined
  const { OpenStdin } = engine.execs.inspect(id)
  const options = { detach: request.Detach === true, tty, ...(consoleSize ? { consoleSize } : {}) }
  const streamType = !tty && !call.olderThan(42) ? multiplexedStream : rawStream
  try {
    const attachment = await engine.execs.start(id, options)
    if (attachment === null) return call.empty(200)
    await carry(attachment, hijack(call, streamType), !tty, OpenStdin)
  } catch (error) {
    // Where only the program is at fault, Docker has begun the stream already and says so in it.
    if (options.detach || !isProgramFault(error)) throw error
    const text = Buffer.from(`${error.message}\r\n`)
    hijack(call, streamType).end(tty ? text : frame(streams.stdout, text))
  }
}

const isProgramFault = (error: unknown): error is EngineError =>
  error instanceof EngineError && (error.kind === 'invalid' || error.kind === 'system' || error.kind === 'forbidden')
