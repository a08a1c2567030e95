import { Readable } from 'node:stream'
import { BuildError } from './build-error.ts'
import type { ContextStore } from './context-store.ts'
import { ContextTree } from './context-tree.ts'
import type { BuildRequest } from './contract.ts'
import { openAddress } from './download.ts'
import { cloneContext, isGitAddress } from './git-context.ts'
import { type Ignore, nothingIgnored, readIgnore } from './ignore-file.ts'

export interface OpenedContext {
  readonly tree: ContextTree
  readonly bytes: number
  readonly ignore: Ignore
  readonly dockerfile: string
  readonly dockerfileName: string
}

const sniffedBytes = 100

/** Receives the context and reads the Dockerfile out of it. Throws a BuildError in Docker's sentences. */
export async function openContext(
  request: BuildRequest,
  store: ContextStore,
  scratch: string,
  signal: AbortSignal,
): Promise<OpenedContext> {
  const name = request.dockerfile || 'Dockerfile'
  if (request.remote === undefined || request.remote === '') {
    if (!request.context) throw new BuildError('missing build context', { status: 400 })
    return await fromTar(request.context, name, store, signal)
  }
  if (request.remote === 'client-session')
    throw new BuildError(
      'experimental session with v1 builder is no longer supported, use builder version v2 (BuildKit) instead',
      { status: 400 },
    )
  if (isGitAddress(request.remote))
    return await fromTar(await cloneContext(request.remote, scratch, signal), name, store, signal)
  if (/^https?:\/\//.test(request.remote)) return await fromAddress(request.remote, name, store, signal)
  throw new BuildError(`remoteURL (${request.remote}) could not be recognized as URL`, { status: 400 })
}

async function fromTar(
  tar: AsyncIterable<Uint8Array>,
  name: string,
  store: ContextStore,
  signal: AbortSignal,
): Promise<OpenedContext> {
  const { tree, bytes } = await store.receive(tar, signal)
  const found = findDockerfile(tree, name)
  const dockerfile = await store.readText(found.digest)
  const ignore = await readIgnore(tree, found.name, (digest) => store.readText(digest))
  const kept = ignore === nothingIgnored ? tree : tree.filter((path) => !ignore.excludes(path))
  return { tree: kept, bytes, ignore, dockerfile, dockerfileName: found.name }
}

function findDockerfile(tree: ContextTree, name: string): { name: string; digest: string } {
  const names = name === 'Dockerfile' ? [name, 'dockerfile'] : [name]
  for (const candidate of names) {
    const entry = tree.resolve(candidate)
    if (entry?.type === 'file') return { name: candidate, digest: entry.digest }
    if (entry) throw new BuildError(`read ${candidate}: is a directory`, { status: 400 })
  }
  throw new BuildError(`Cannot locate specified Dockerfile: ${name}`, { status: 400 })
}

async function fromAddress(
  address: string,
  name: string,
  store: ContextStore,
  signal: AbortSignal,
): Promise<OpenedContext> {
  let response: Response
  try {
    response = await openAddress(address, signal)
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    throw new BuildError(`error downloading remote context ${address}: ${error.message}`, { status: error.status })
  }
  const body = Readable.fromWeb((response.body ?? new ReadableStream()) as import('node:stream/web').ReadableStream)
  const { head, whole } = await sniff(body)
  if (head.length === 0)
    throw new BuildError(`error detecting content type for remote ${address}: empty response`, { status: 400 })
  const type = response.headers.get('content-type') ?? ''
  if (/text\/plain/.test(type) || ((type === '' || /octet-stream/.test(type)) && isText(head)))
    return {
      tree: new ContextTree([]),
      bytes: 0,
      ignore: nothingIgnored,
      dockerfile: await new Response(Readable.toWeb(Readable.from(whole)) as ReadableStream).text(),
      dockerfileName: 'Dockerfile',
    }
  if (type !== '' && !/application\/((x-)?tar|octet-stream|(x-)?(gzip|bzip2?|xz))/.test(type))
    throw new BuildError(
      `error detecting content type for remote ${address}: unsupported Content-Type ${JSON.stringify(type)}`,
      { status: 400 },
    )
  return await fromTar(whole, name, store, signal)
}

async function sniff(body: AsyncIterable<Uint8Array>): Promise<{ head: Buffer; whole: AsyncIterable<Uint8Array> }> {
  const iterator = body[Symbol.asyncIterator]()
  const first: Uint8Array[] = []
  let length = 0
  while (length < sniffedBytes) {
    const next = await iterator.next()
    if (next.done) break
    first.push(next.value)
    length += next.value.byteLength
  }
  const whole = async function* () {
    yield* first
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
  }
  return { head: Buffer.concat(first).subarray(0, sniffedBytes), whole: whole() }
}

function isText(head: Buffer): boolean {
  return !head.includes(0) && !['1f8b', '425a', 'fd37', '28b5'].includes(head.subarray(0, 2).toString('hex'))
}
