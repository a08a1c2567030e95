import { spawn } from 'node:child_process'
import { Duplex, pipeline, Readable, type Transform } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { OciError } from './oci-error.ts'

export type Compression = 'none' | 'gzip' | 'zstd' | 'bzip2' | 'xz'

const magics: readonly (readonly [Compression, Buffer])[] = [
  ['gzip', Buffer.from([0x1f, 0x8b, 0x08])],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ['bzip2', Buffer.from('BZh')],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])],
]

const chunkSize = 256 * 1024
const longestMagic = 6

/** By the first bytes, as Docker looks at layers and archives; a media type may lie. */
export function detectCompression(start: Uint8Array): Compression {
  const found = magics.find(([, magic]) => magic.equals(start.subarray(0, magic.length)))
  return found?.[0] ?? 'none'
}

/** Reads ahead as far as needed to know the compression; the chunks stay whole. */
export async function sniff(
  source: AsyncIterable<Uint8Array>,
): Promise<{ compression: Compression; chunks: AsyncIterable<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]()
  const ahead: Uint8Array[] = []
  let start = Buffer.alloc(0)
  while (start.length < longestMagic) {
    const { done, value } = await iterator.next()
    if (done) break
    ahead.push(value)
    start = Buffer.concat([start, value.subarray(0, longestMagic)])
  }
  async function* chunks(): AsyncGenerator<Uint8Array, void, void> {
    try {
      yield* ahead
      for (let step = await iterator.next(); !step.done; step = await iterator.next()) yield step.value
    } finally {
      await iterator.return?.()
    }
  }
  return { compression: detectCompression(start), chunks: chunks() }
}

/**
 * Plain, gzip, zstd, bzip2 or xz by its first bytes (the last two through the system's own tools) → plain.
 * A fault of the compressed data is an OciError corrupt.
 */
export function decompress(source: AsyncIterable<Uint8Array>): Readable {
  return Readable.from(decompressed(source), { objectMode: false, highWaterMark: chunkSize })
}

export async function* decompressed(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, void> {
  const { compression, chunks } = await sniff(source)
  if (compression === 'none') {
    for await (const chunk of chunks) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    return
  }
  const input = Readable.from(chunks, { objectMode: false })
  const codec = decoder(compression)
  let inputError: unknown
  input.once('error', (error) => {
    inputError = error
  })
  pipeline(input, codec, () => {
    // The reader below meets the error.
  })
  try {
    for await (const chunk of codec) yield chunk
  } catch (error) {
    throw inputError ?? decodeError(compression, error)
  } finally {
    input.destroy()
    codec.destroy()
  }
}

function decoder(compression: Exclude<Compression, 'none'>): Transform | Duplex {
  switch (compression) {
    case 'gzip':
      return createGunzip({ chunkSize })
    case 'zstd':
      return createZstdDecompress({ chunkSize })
    default:
      return external(compression)
  }
}

function external(command: 'bzip2' | 'xz'): Duplex {
  const child = spawn(command, ['-dc'], { stdio: ['pipe', 'pipe', 'pipe'] })
  const errors: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  const duplex = Duplex.from({ writable: child.stdin, readable: child.stdout })
  child.once('error', (error) => duplex.destroy(error))
  child.once('close', (code) => {
    if (code) duplex.destroy(new Error(Buffer.concat(errors).toString().trim() || `${command} ended with ${code}`))
  })
  duplex.once('close', () => child.kill())
  return duplex
}

function decodeError(compression: Compression, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT')
    return new OciError('unsupported', `Cannot decompress ${compression}: the ${compression} command is missing`)
  return new OciError('corrupt', `Cannot decompress ${compression}: ${message}`, { cause: error })
}
