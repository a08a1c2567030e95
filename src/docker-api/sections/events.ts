import type { Engine, EventMessage } from '../../engine/index.ts'
import { readFilters } from '../decode/filters.ts'
import { readTimestamp } from '../decode/timestamp.ts'
import type { Call } from '../http/call.ts'
import { badRequest } from '../http/docker-error.ts'
import { type Route, route } from '../http/router.ts'
import { isHangUp, JsonStream, jsonStreamType } from '../streams/json-stream.ts'

/** GET /events: what has happened, then what happens, until `until` or until the client leaves. */
export function eventRoutes(engine: Engine): Route[] {
  return [route('GET', '/events', (call) => sendEvents(engine, call))]
}

async function sendEvents(engine: Engine, call: Call): Promise<void> {
  const { query } = call
  const since = readTimestamp(query.get('since'), "'since'")
  const until = readTimestamp(query.get('until'), "'until'")
  if (since !== undefined && until !== undefined && until < since) {
    throw badRequest(`\`since\` time (${query.get('since')}) cannot be after \`until\` time (${query.get('until')})`)
  }
  const filters = readFilters(query.get('filters'))
  const events = engine.events.subscribe(
    { filters, ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) },
    call.gone,
  )
  const stream = new JsonStream(call, jsonStreamType(call))
  try {
    for await (const event of events) {
      // The creation of an image is an event since 1.46.
      if (call.olderThan(46) && event.Type === 'image' && event.Action === 'create') continue
      await stream.write(write(event, call.olderThan(52)))
    }
  } catch (error) {
    if (!isHangUp(error, call)) throw error
  }
  stream.end()
}

/** Nanoseconds do not fit into a number of JavaScript: their digits are put into the text. */
function write(event: EventMessage, legacyFields: boolean): string {
  const { status, id, from, timeNano, ...rest } = event
  const old = legacyFields ? { status, id, from } : {}
  return `${JSON.stringify({ ...old, ...rest }).slice(0, -1)},"timeNano":${timeNano}}`
}
