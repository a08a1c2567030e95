import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type Content, familiarString, type NamedReference } from '../../oci/index.ts'
import type { Library, PulledImage, PullOptions } from '../contract.ts'
import { accessDenied, manifestNotFound } from './failure.ts'
import { type FetchBlob, takeImage } from './pull.ts'
import type { TransportError } from './transport-error.ts'

/** A pull that Docker Hub did not answer: from the library, where it has the name; else "not found", and why. */
export async function pullFromLibrary(
  content: Content,
  library: Library,
  reference: NamedReference,
  cause: TransportError,
  options: PullOptions,
): Promise<PulledImage> {
  const entry = library.find(reference)
  if (!entry) throw notInLibrary(library, reference, cause)
  const onProgress = options.onProgress ?? (() => undefined)
  onProgress({ status: `Pulling from ${reference.path}`, id: reference.digest ?? reference.tag ?? 'latest' })
  const { manifest, blobPath } = await library.assemble(reference, options)
  const fetchBlob: FetchBlob = async (blob, progress, signal) => {
    const bytes = counted(blobPath(blob.digest), signal, (read) => progress?.bar('Downloading', read, blob.size))
    await content.blobs.write(bytes, { expected: { digest: blob.digest, size: blob.size } })
  }
  const source = { descriptor: manifest, bytes: await readFile(blobPath(manifest.digest)) }
  const pulled = await takeImage({ content, fetchBlob }, reference, manifest.digest, source, options)
  return { ...pulled, assembledFrom: entry.assembledFrom }
}

async function* counted(file: string, signal: AbortSignal, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  let read = 0
  for await (const chunk of createReadStream(file, { signal, highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    yield chunk
    read += chunk.length
    onRead(read)
  }
}

/** Docker Hub's own answer for a repository or a tag that it does not have, with the reason why nobody could ask it. */
function notInLibrary(library: Library, reference: NamedReference, cause: TransportError) {
  const why = `(Docker Hub cannot be reached: ${cause.message}; ${familiarString(reference)} is not among the images that can be assembled here)`
  if (library.hasRepository(reference))
    return manifestNotFound(reference, `manifest unknown: manifest unknown ${why}`, cause)
  return accessDenied(reference, `denied: requested access to the resource is denied ${why}`, cause)
}
