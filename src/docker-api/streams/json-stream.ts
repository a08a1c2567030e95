import { once } from 'node:events'
import type { Call } from '../http/call.ts'

const jsonLines = 'application/jsonl'
const ndjson = 'application/x-ndjson'
const jsonSequence = 'application/json-seq'

/** A stream of JSON records as Docker called it before it had a name for it. */
export const plainJson = 'application/json'

/**
 * The media type of a stream of JSON records: what the client's Accept header names outright (wildcards do not count),
 * or what this version of the API takes without being asked.
 */
export function jsonStreamType(call: Call): string {
  const accepted = acceptedType(call.header('accept'))
  return accepted ?? (call.olderThan(52) ? plainJson : jsonLines)
}

function acceptedType(accept: string): string | undefined {
  const wanted = new Map<string, number>()
  for (const part of accept.split(',')) {
    const [type = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase())
    const quality = parameters.find((each) => each.startsWith('q='))
    wanted.set(type, quality === undefined ? 1 : Number(quality.slice(2)))
  }
  let best: string | undefined
  for (const offer of [jsonLines, ndjson, jsonSequence]) {
    if ((wanted.get(offer) ?? 0) > (best === undefined ? 0 : (wanted.get(best) ?? 0))) best = offer
  }
  return best
}

/** Writes JSON records one after the other; waits where the client reads slowly. */
export class JsonStream {
  readonly #call: Call
  readonly #prefix: string

  /** Sends status 200 and the headers at once. */
  constructor(call: Call, type: string) {
    this.#call = call
    this.#prefix = type === jsonSequence ? '\x1e' : ''
    call.response.writeHead(200, { 'Content-Type': type })
    call.response.flushHeaders()
  }

  /** `record` is one JSON text. */
  async write(record: string): Promise<void> {
    const { response, gone } = this.#call
    if (response.destroyed) return
    if (!response.write(`${this.#prefix}${record}\n`)) await once(response, 'drain', { signal: gone })
  }

  end(): void {
    this.#call.response.end()
  }
}

/** Whether an error only says that the client hung up. */
export function isHangUp(error: unknown, call: Call): boolean {
  return call.gone.aborted && error instanceof Error && (error === call.gone.reason || error.name === 'AbortError')
}
