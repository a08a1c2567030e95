import { once } from 'node:events'
import { BuildError, type JsonMessage } from '../../engine/index.ts'
import { translate } from '../engine-faults.ts'
import type { Call } from '../http/call.ts'
import { DockerError } from '../http/docker-error.ts'

/** Docker ends each line of progress with CR LF. */
const lineEnd = '\r\n'

type Line = Pick<JsonMessage, 'progressDetail' | 'error' | 'errorDetail'>

/**
 * The lines of progress of a pull, a push, a build. A fault before the first line is thrown and becomes a status; a
 * fault after it becomes the last line.
 */
export class Progress {
  readonly #call: Call

  constructor(call: Call) {
    this.#call = call
  }

  /** Writes what `work` emits until it is done. */
  async run(work: (emit: (line: Line) => void) => Promise<void>): Promise<void> {
    try {
      await work((line) => this.write(line))
    } catch (error) {
      this.#failed(error)
    }
    this.end()
  }

  /** Writes each line; reads on only as fast as the client does. */
  async pipe(lines: AsyncIterable<Line>): Promise<void> {
    try {
      for await (const line of lines) {
        if (this.#call.gone.aborted) return
        if (!this.#put(line)) await once(this.#call.response, 'drain', { signal: this.#call.gone })
      }
    } catch (error) {
      this.#failed(error)
    }
    this.end()
  }

  /** For a client that is gone there is nobody to tell. */
  #failed(error: unknown): void {
    if (this.#call.gone.aborted) return
    if (!this.#call.response.headersSent) throw error
    this.fail(error)
  }

  fail(error: unknown): void {
    const { log, request } = this.#call
    const known = error instanceof DockerError ? error : translate(error)
    if (known === undefined) log.error({ url: request.url, err: error }, 'stream failed through a fault of ours')
    const message = known?.message ?? (error instanceof Error ? error.message : String(error))
    const code = error instanceof BuildError && error.code !== undefined ? { code: error.code } : {}
    this.#put({ errorDetail: { ...code, message }, error: message })
  }

  end(): void {
    this.#head()
    this.#call.response.end()
  }

  /** How far something has come may be left out for a client that is slow to read; everything else is kept. */
  write(line: Line): void {
    const { response } = this.#call
    if (response.writableNeedDrain && line.progressDetail?.current !== undefined) return
    this.#put(line)
  }

  /** False where the client should be given time to read. */
  #put(line: Line): boolean {
    const { response } = this.#call
    this.#head()
    if (response.destroyed || response.writableEnded) return true
    return response.write(`${JSON.stringify(line)}${lineEnd}`)
  }

  #head(): void {
    const { response } = this.#call
    if (!response.headersSent) response.writeHead(200, { 'Content-Type': 'application/json' })
  }
}
