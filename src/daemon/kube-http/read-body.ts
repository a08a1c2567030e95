import type { Readable } from 'node:stream'
import { StatusError } from '../../kube/api/index.ts'

/** A client that takes longer to send its body is not waited for. */
const patienceMs = 34_000

const none = new Uint8Array(0)

/** @throws StatusError 413 for a longer body, 408 for a slow one, 400 for one that breaks off */
export function readBody(stream: Readable, contentLength: string | undefined, limitBytes: number): Promise<Uint8Array> {
  if (contentLength !== undefined && Number(contentLength) > limitBytes) return Promise.reject(tooLarge(limitBytes))
  if (contentLength === '0') return Promise.resolve(none)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const timer = setTimeout(() => {
      finish()
      reject(new StatusError(408, 'Timeout', 'Timeout: request body was not received in time'))
    }, patienceMs)
    const finish = () => {
      clearTimeout(timer)
      stream.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onError)
    }
    const onData = (chunk: Buffer) => {
      length += chunk.length
      if (length > limitBytes) {
        finish()
        // What is still to come is thrown away until the answer is there.
        stream.resume()
        reject(tooLarge(limitBytes))
      } else chunks.push(chunk)
    }
    const onEnd = () => {
      finish()
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length))
    }
    const onClose = () => {
      finish()
      reject(new StatusError(400, 'BadRequest', 'unexpected EOF'))
    }
    const onError = (error: Error) => {
      finish()
      reject(new StatusError(400, 'BadRequest', error.message))
    }
    stream.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onError)
  })
}

const tooLarge = (limit: number) =>
  new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limit}`)
