import { setTimeout as sleep } from 'node:timers/promises'
import { type Engine, EngineError, type ExecConfig, type ExecInspect } from '../../engine/index.ts'
import { readRequest } from '../decode/request-body.ts'
import type { Call } from '../http/call.ts'
import { badRequest, DockerError } from '../http/docker-error.ts'
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
  const options = { detach: request.Detach === true, tty, ...(consoleSize ? { consoleSize } : {}) }
  const { OpenStdin } = await startable(engine, id)
  if (options.detach) {
    await engine.execs.start(id, options)
    return call.empty(200)
  }
  // The head goes out before the process starts: clients take it apart from the stream only when they come apart.
  const socket = hijack(call, !tty && !call.olderThan(42) ? multiplexedStream : rawStream)
  try {
    const attachment = await engine.execs.start(id, options)
    if (attachment === null) socket.end()
    else await carry(attachment, socket, !tty, OpenStdin, () => exitRecorded(engine, id))
  } catch (error) {
    if (!(error instanceof EngineError)) call.log.error({ err: error, exec: id }, 'exec failed through a fault of ours')
    const text = Buffer.from(`${error instanceof Error ? error.message : String(error)}\r\n`)
    socket.end(tty ? text : frame(streams.stdout, text))
  }
}

/** A process that let go of its output but lives on (or a client that detached) is not waited for longer than this. */
const exitLimitMilliseconds = 500

/** Clients ask for the exit code as soon as the stream ends: by then it must be known. */
async function exitRecorded(engine: Engine, id: string): Promise<void> {
  const until = performance.now() + exitLimitMilliseconds
  while (engine.execs.inspect(id).Running && performance.now() < until) await sleep(2)
}

/** What can be refused with a status is refused before the stream begins. */
async function startable(engine: Engine, id: string): Promise<ExecInspect> {
  const exec = engine.execs.inspect(id)
  const { Id, State } = await engine.containers.inspect(exec.ContainerID)
  if (!State.Running) throw new DockerError(409, `container ${Id} is not running`)
  if (State.Paused) throw new DockerError(409, `container ${Id} is paused, unpause the container before exec`)
  if (State.Restarting) throw new DockerError(409, `Container ${Id} is restarting, wait until the container is running`)
  return exec
}
