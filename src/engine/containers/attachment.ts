import { PassThrough, type Readable, Writable } from 'node:stream'
import type { OutputChunk, Streams } from '../../linux/index.ts'
import type { Attachment } from '../contract.ts'
import { DetachScanner } from './detach-keys.ts'

export interface AttachmentOptions {
  tty: boolean
  stdin: boolean
  stdout: boolean
  stderr: boolean
  detachKeys: Buffer | null
  /** The client has typed the detach keys. */
  onDetach?: () => void
  /** The client is gone, or the streams have ended. */
  onClose?: () => void
}

/** A client's streams, joined to a process's as soon as there is one. */
export class ClientStreams implements Attachment {
  readonly tty: boolean
  readonly output: PassThrough
  readonly stdin: Writable
  readonly #options: AttachmentOptions
  /** What the client has sent before there was a process. */
  readonly #input = new PassThrough()
  #streams: Streams | null = null
  #closed = false

  constructor(options: AttachmentOptions) {
    this.#options = options
    this.tty = options.tty
    this.output = new PassThrough({ objectMode: true, highWaterMark: 64 })
    this.output.on('error', () => this.#close())
    this.output.on('close', () => this.#close())
    if (!options.stdin) {
      this.stdin = new Writable({ write: (_chunk, _encoding, done) => done() })
    } else if (options.detachKeys) {
      const scanner = new DetachScanner(options.detachKeys, () => {
        options.onDetach?.()
        this.end()
      })
      scanner.pipe(this.#input)
      this.stdin = scanner
    } else {
      this.stdin = this.#input
    }
    this.stdin.on('error', () => undefined)
    this.#input.on('error', () => undefined)
  }

  /** From here on the process's bytes flow. */
  join(streams: Streams): void {
    if (this.#closed) {
      void streams[Symbol.asyncDispose]()
      return
    }
    this.#streams = streams
    const wanted = (chunk: OutputChunk) => (chunk.stream === 'stderr' ? this.#options.stderr : this.#options.stdout)
    streams.output.on('data', (chunk: OutputChunk) => {
      if (!wanted(chunk) || this.output.writableEnded) return
      if (this.output.write(chunk)) return
      streams.output.pause()
      this.output.once('drain', () => streams.output.resume())
    })
    streams.output.on('end', () => this.end())
    streams.output.on('error', () => this.end())
    streams.stdin.on('error', () => undefined)
    if (this.#options.stdin) this.#input.pipe(streams.stdin)
  }

  /** Only the input; the output comes from elsewhere. */
  joinInput(streams: Streams): void {
    this.#streams = streams
    streams.output.resume()
    streams.output.on('error', () => undefined)
    streams.stdin.on('error', () => undefined)
    if (this.#options.stdin) this.#input.pipe(streams.stdin)
  }

  /** Nothing more comes. What was written already still reaches the client. */
  end(): void {
    if (!this.output.writableEnded) this.output.end()
    this.#close()
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    const streams = this.#streams
    this.#input.unpipe()
    if (streams) void streams[Symbol.asyncDispose]()
    this.#options.onClose?.()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close()
    this.output.destroy()
  }
}

export type { Readable }
