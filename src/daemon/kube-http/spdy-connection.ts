import type { Duplex } from 'node:stream'
import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib'
import { spdyDictionary } from './spdy-dictionary.ts'
import { SpdyStream } from './spdy-stream.ts'

/**
 * The server's side of a SPDY/3.1 connection, as far as Kubernetes' clients use it: they open the streams.
 *
 *     control frame  1|version(15) type(16) flags(8) length(24) …       data frame  0|stream(31) flags(8) length(24) …
 *
 * Flow control is that of the connection below: these clients neither send nor heed window updates.
 */
const synStream = 1
const synReply = 2
const rstStream = 3
const ping = 6
const goAway = 7
const finFlag = 1
const maxFrameBytes = 16 * 1024 * 1024
/** Data goes out in frames of at most so many bytes. */
const maxDataBytes = 32 * 1024

export class SpdyConnection {
  readonly #socket: Duplex
  readonly #onStream: (stream: SpdyStream) => void
  readonly #streams = new Map<number, SpdyStream>()
  readonly #inflate: Inflate = createInflate({ dictionary: spdyDictionary })
  readonly #deflate: Deflate = createDeflate({ dictionary: spdyDictionary })
  #closed = false
  readonly #closeListeners: (() => void)[] = []

  constructor(socket: Duplex, head: Uint8Array, onStream: (stream: SpdyStream) => void) {
    this.#socket = socket
    this.#onStream = onStream
    // What was read beyond the HTTP request belongs to the first frames.
    if (head.length > 0) socket.unshift(Buffer.from(head))
    socket.once('close', () => this.#end())
    socket.on('error', () => this.#end())
    this.#read().then(
      () => this.close(),
      () => this.abort(),
    )
  }

  onClose(listener: () => void): void {
    if (this.#closed) listener()
    else this.#closeListeners.push(listener)
  }

  /** Ends after what was written. */
  close(): void {
    if (!this.#socket.destroyed) this.#socket.end()
  }

  abort(): void {
    this.#socket.destroy()
  }

  #end(): void {
    if (this.#closed) return
    this.#closed = true
    this.#inflate.destroy()
    this.#deflate.destroy()
    for (const stream of this.#streams.values()) stream.broken()
    for (const listener of this.#closeListeners.splice(0)) listener()
  }

  async #read(): Promise<void> {
    let rest: Buffer = Buffer.alloc(0)
    for await (const chunk of this.#socket) {
      rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer])
      while (rest.length >= 8) {
        const length = rest.readUIntBE(5, 3)
        if (length > maxFrameBytes) throw new Error(`Cannot read a SPDY frame: it has ${length} bytes`)
        if (rest.length < 8 + length) break
        await this.#frame(rest.subarray(0, 8), rest.subarray(8, 8 + length))
        rest = rest.subarray(8 + length)
      }
    }
  }

  async #frame(header: Buffer, payload: Buffer): Promise<void> {
    const flags = header[4] ?? 0
    if ((header[0] ?? 0) < 0x80) {
      const stream = this.#streams.get(header.readUInt32BE(0))
      if (!stream) return
      if (payload.length > 0) await stream.receive(payload)
      if (flags & finFlag) stream.finished()
      return
    }
    switch (header.readUInt16BE(2)) {
      case synStream:
        await this.#opened(payload, flags)
        return
      case rstStream: {
        const id = payload.readUInt32BE(0)
        this.#streams.get(id)?.broken()
        this.#streams.delete(id)
        return
      }
      case ping:
        // Pings of even numbers are answers.
        if (payload.readUInt32BE(0) % 2 === 1) this.#control(ping, 0, payload)
        return
      case goAway:
        for (const stream of this.#streams.values()) stream.finished()
        return
      default:
    }
  }

  async #opened(payload: Buffer, flags: number): Promise<void> {
    const id = payload.readUInt32BE(0) & 0x7fffffff
    const headers = parseHeaders(await transform(this.#inflate, payload.subarray(10)))
    const stream = new SpdyStream(headers, (data, fin) => this.#send(id, data, fin))
    this.#streams.set(id, stream)
    const reply = Buffer.alloc(4)
    reply.writeUInt32BE(id)
    // No headers of our own: a block that says so.
    this.#control(synReply, 0, Buffer.concat([reply, await transform(this.#deflate, Buffer.alloc(4))]))
    if (flags & finFlag) stream.finished()
    this.#onStream(stream)
  }

  async #send(id: number, data: Uint8Array, fin: boolean): Promise<void> {
    if (this.#closed) return
    let at = 0
    do {
      const part = data.subarray(at, at + maxDataBytes)
      at += part.length
      const header = Buffer.alloc(8)
      header.writeUInt32BE(id)
      header.writeUInt8(fin && at >= data.length ? finFlag : 0, 4)
      header.writeUIntBE(part.length, 5, 3)
      await this.#write(Buffer.concat([header, part]))
    } while (at < data.length)
  }

  #control(type: number, flags: number, payload: Uint8Array): void {
    const header = Buffer.alloc(8)
    header.writeUInt16BE(0x8003)
    header.writeUInt16BE(type, 2)
    header.writeUInt8(flags, 4)
    header.writeUIntBE(payload.length, 5, 3)
    void this.#write(Buffer.concat([header, payload]))
  }

  #write(bytes: Buffer): Promise<void> {
    if (this.#closed || this.#socket.writableEnded || this.#socket.write(bytes)) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        this.#socket.off('drain', done)
        this.#socket.off('close', done)
        resolve()
      }
      this.#socket.once('drain', done)
      this.#socket.once('close', done)
    })
  }
}

/** Headers are one stream of compression over the whole connection. */
function transform(codec: Inflate | Deflate, block: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    const collect = (part: Buffer) => parts.push(part)
    const finish = (error?: Error | null) => {
      codec.off('data', collect)
      codec.off('error', finish)
      if (error) reject(error)
      else resolve(Buffer.concat(parts))
    }
    codec.on('data', collect)
    codec.once('error', finish)
    codec.write(block, (error) => {
      if (error) finish(error)
      else codec.flush(constants.Z_SYNC_FLUSH, () => finish())
    })
  })
}

function parseHeaders(block: Buffer): Record<string, string> {
  const headers: Record<string, string> = {}
  let at = 0
  const text = () => {
    const length = block.readUInt32BE(at)
    at += 4 + length
    return block.toString('latin1', at - length, at)
  }
  const count = block.readUInt32BE(0)
  at = 4
  for (let i = 0; i < count; i++) {
    const name = text().toLowerCase()
    headers[name] = text()
  }
  return headers
}
