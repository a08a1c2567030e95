import type { Writable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { BodySink, ResponseBody } from '../../kube/api/index.ts'

/** Smaller answers are not worth compressing. */
const gzipThresholdBytes = 128 * 1024

/** Sends a body that is known in whole, as fast as the client takes it. */
export async function sendChunks(stream: Writable, chunks: Iterable<Uint8Array>, gzip: boolean): Promise<void> {
  let target = stream
  if (gzip) {
    const compressor = createGzip({ level: 1 })
    compressor.pipe(stream)
    stream.once('close', () => compressor.destroy())
    target = compressor
  }
  for (const chunk of chunks) {
    if (stream.destroyed || target.destroyed) return
    if (!target.write(chunk)) await drained(target, stream)
  }
  target.end()
}

function drained(target: Writable, stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      target.off('drain', done)
      stream.off('close', done)
      resolve()
    }
    target.once('drain', done)
    stream.once('close', done)
  })
}

/** A list that is long enough to be compressed, told from its first piece. */
export function chunksOf(
  body: ResponseBody,
): { readonly chunks: Iterable<Uint8Array>; readonly isLong: boolean } | undefined {
  if (body instanceof Uint8Array) return { chunks: [body], isLong: body.length >= gzipThresholdBytes }
  if (!('chunks' in body)) return undefined
  const iterator = body.chunks[Symbol.iterator]()
  const first = iterator.next()
  const chunks = {
    *[Symbol.iterator]() {
      if (first.done) return
      yield first.value
      for (let next = iterator.next(); !next.done; next = iterator.next()) yield next.value
    },
  }
  return { chunks, isLong: !first.done && first.value.length >= gzipThresholdBytes }
}

export function acceptsGzip(header: string | string[] | undefined): boolean {
  if (header === undefined) return false
  return /(^|,)\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*(,|$))|,|$)/.test(Array.isArray(header) ? header.join(',') : header)
}

/** A stream that somebody writes to over time. */
export function sinkOf(stream: Writable, abort: () => void): BodySink {
  return {
    write(chunk) {
      if (!stream.destroyed && !stream.writableEnded) stream.write(chunk)
    },
    get pendingBytes() {
      return stream.writableLength
    },
    drained: () => (stream.writableNeedDrain ? drained(stream, stream) : Promise.resolve()),
    end() {
      if (!stream.destroyed) stream.end()
    },
    abort,
    onClose(listener) {
      if (stream.destroyed) listener()
      else stream.once('close', listener)
    },
  }
}
