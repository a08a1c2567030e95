import { PassThrough } from 'node:stream'

/** One stream of a SPDY connection; the client opened it and said in headers what it is for. */
export class SpdyStream {
  readonly headers: Readonly<Record<string, string>>
  readonly readable = new PassThrough()
  readonly #send: (data: Uint8Array, fin: boolean) => Promise<void>
  #ended = false

  constructor(headers: Readonly<Record<string, string>>, send: (data: Uint8Array, fin: boolean) => Promise<void>) {
    this.headers = headers
    this.#send = send
    this.readable.on('error', () => undefined)
  }

  /** Resolves when more can come: the connection is not read meanwhile. */
  async receive(data: Buffer): Promise<void> {
    if (this.readable.destroyed || this.readable.writableEnded || this.readable.write(data)) return
    await new Promise<void>((resolve) => {
      const done = () => {
        this.readable.off('drain', done)
        this.readable.off('close', done)
        resolve()
      }
      this.readable.once('drain', done)
      this.readable.once('close', done)
    })
  }

  finished(): void {
    this.readable.end()
  }

  broken(): void {
    if (!this.readable.writableEnded) this.readable.destroy(new Error('Cannot read on: the stream was reset'))
  }

  write(data: Uint8Array): Promise<void> {
    return this.#ended ? Promise.resolve() : this.#send(data, false)
  }

  end(): Promise<void> {
    if (this.#ended) return Promise.resolve()
    this.#ended = true
    return this.#send(new Uint8Array(0), true)
  }
}
