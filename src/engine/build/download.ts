import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, utimes } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { BuildError } from './build-error.ts'
import { type CopySource, RootSource, type SourceItem } from './copy-source.ts'
import { cloneRepository, isGitAddress } from './git-context.ts'

export interface Download {
  readonly source: CopySource
  readonly item: SourceItem
}

export interface DownloadOptions {
  /** An empty folder of this download's own. */
  readonly folder: string
  /** `algorithm:hex`; '' is unchecked. */
  readonly checksum: string
  readonly keepGitDir: boolean
  readonly signal: AbortSignal
}

/** Opens an http(s) address. Throws a BuildError in Docker's sentences. */
export async function openAddress(address: string, signal: AbortSignal): Promise<Response> {
  let response: Response
  try {
    response = await fetch(address, { signal, redirect: 'follow' })
  } catch (error) {
    signal.throwIfAborted()
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    throw new BuildError(`Get ${JSON.stringify(address)}: ${cause}`, { status: 404 })
  }
  if (response.status < 400) return response
  const body = (await response.text()).trim().slice(0, 4096)
  const status = `${response.status} ${response.statusText}`.trim()
  throw new BuildError(`failed to GET ${address} with status ${status}: ${body}`, {
    status: [400, 401, 403, 404].includes(response.status) ? response.status : 500,
  })
}

/** What ADD gets from elsewhere: a file by its address, or a repository's files. */
export async function downloadSource(address: string, options: DownloadOptions): Promise<Download> {
  if (!isGitAddress(address)) return await downloadFile(address, options)
  const { root, folder } = await cloneRepository(address, options.folder, options)
  const source = new RootSource(root, true)
  const item = await source.item(folder.slice(1))
  if (!item) throw new BuildError(`stat ${folder.slice(1)}: file does not exist`, { status: 404 })
  return { source, item }
}

/** `ADD https://…`: the file, its name from the address or from what the server says. */
export async function downloadFile(address: string, options: DownloadOptions): Promise<Download> {
  const checksum = parseChecksum(options.checksum)
  const response = await openAddress(address, options.signal)
  const name = nameOf(address, response)
  await mkdir(options.folder, { recursive: true, mode: 0o700 })
  const path = join(options.folder, name)
  const hash = createHash(checksum?.algorithm ?? 'sha256')
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  const body = response.body
    ? Readable.fromWeb(response.body as import('node:stream/web').ReadableStream)
    : Readable.from([])
  await pipeline(body, count, createWriteStream(path, { mode: 0o600 }), { signal: options.signal })
  const digest = hash.digest('hex')
  if (checksum && checksum.hex !== digest)
    throw new BuildError(`digest mismatch ${checksum.algorithm}:${digest}: ${options.checksum}`, { status: 400 })
  const modified = Date.parse(response.headers.get('last-modified') ?? '')
  const time = Number.isNaN(modified) ? new Date(0) : new Date(modified)
  await utimes(path, time, time)
  const source = new RootSource(options.folder, true)
  const item = await source.item(name)
  if (!item) throw new Error(`Cannot find what was downloaded from ${address}`)
  return { source, item }
}

function parseChecksum(text: string): { algorithm: 'sha256' | 'sha384' | 'sha512'; hex: string } | undefined {
  if (text === '') return undefined
  const match = /^(sha256|sha384|sha512):([a-f0-9]+)$/.exec(text)
  const [, algorithm, hex = ''] = match ?? []
  if (algorithm === 'sha256' || algorithm === 'sha384' || algorithm === 'sha512') {
    const length = { sha256: 64, sha384: 96, sha512: 128 }[algorithm]
    if (hex.length === length) return { algorithm, hex }
    throw new BuildError('invalid checksum digest length', { status: 400 })
  }
  const known = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/.test(text)
  throw new BuildError(known ? 'unsupported digest algorithm' : 'invalid checksum digest format', { status: 400 })
}

function nameOf(address: string, response: Response): string {
  const { pathname } = new URL(address)
  if (pathname !== '' && !pathname.endsWith('/')) {
    const base = posix.basename(decodeURIComponent(pathname))
    if (base !== '' && base !== '..' && base !== '.') return base
  }
  const disposition = /filename="?([^";]+)"?/i.exec(response.headers.get('content-disposition') ?? '')?.[1]
  const base = disposition && !disposition.endsWith('/') ? posix.basename(disposition) : ''
  return base !== '' && base !== '..' && base !== '.' ? base : '__unnamed__'
}
