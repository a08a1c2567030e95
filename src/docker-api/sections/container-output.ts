import { once } from 'node:events'
import type { Engine, LogsOptions } from '../../engine/index.ts'
import { readTimestamp } from '../decode/timestamp.ts'
import type { Call } from '../http/call.ts'
import { badRequest } from '../http/docker-error.ts'
import { multiplexedStream, rawStream } from '../streams/hijack.ts'
import { isHangUp } from '../streams/json-stream.ts'
import { frameHeader, streams } from '../streams/stdcopy.ts'

/** GET /containers/{id}/logs: one raw stream where the container has a terminal, frames where not. */
export async function sendLogs(engine: Engine, call: Call): Promise<void> {
  const { response } = call
  const { tty, output } = await engine.containers.logs(call.param('id'), logsOptions(call), call.gone)
  response.writeHead(200, { 'Content-Type': tty || call.olderThan(42) ? rawStream : multiplexedStream })
  response.flushHeaders()
  try {
    for await (const batch of output) {
      const parts: Buffer[] = []
      for (const { stream, data } of batch) {
        if (!tty) parts.push(frameHeader(streams[stream], data.length))
        parts.push(data)
      }
      if (response.destroyed) return
      if (!response.write(Buffer.concat(parts))) await once(response, 'drain', { signal: call.gone })
    }
  } catch (error) {
    if (!isHangUp(error, call)) throw error
  }
  response.end()
}

function logsOptions(call: Call): LogsOptions {
  const { query } = call
  const stdout = query.bool('stdout')
  const stderr = query.bool('stderr')
  if (!stdout && !stderr) throw badRequest("must specify at least one of 'stdout' or 'stderr'")
  const since = readTimestamp(query.get('since'), '"since"')
  const until = query.get('until') === '0' ? undefined : readTimestamp(query.get('until'), '"until"')
  const tail = query.get('tail')
  return {
    stdout,
    stderr,
    follow: query.bool('follow'),
    timestamps: query.bool('timestamps'),
    details: query.bool('details'),
    ...(since === undefined || since.getTime() === 0 ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    // "all", and everything else that is no number, is all of it.
    ...(/^\d+$/.test(tail) ? { tail: Number(tail) } : {}),
  }
}

/** GET /containers/{id}/stats: one reading a second, or a single one. */
export async function sendStats(engine: Engine, call: Call): Promise<void> {
  const { response, query } = call
  const stream = query.boolOr('stream', true)
  const oneShot = !call.olderThan(41) && query.bool('one-shot')
  if (stream && oneShot) throw badRequest('cannot have stream=true and one-shot=true')
  const readings = await engine.containers.stats(call.param('id'), { stream, oneShot }, call.gone)
  response.setHeader('Content-Type', 'application/json')
  if (stream) response.flushHeaders()
  try {
    for await (const reading of readings) {
      const { os_type, ...legacy } = reading
      const record = call.olderThan(52) ? legacy : { os_type, ...legacy }
      if (response.destroyed) return
      if (!response.write(`${JSON.stringify(record)}\n`)) await once(response, 'drain', { signal: call.gone })
    }
  } catch (error) {
    if (!isHangUp(error, call)) throw error
  }
  response.end()
}
