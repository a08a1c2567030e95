import {
  type ContentStore,
  type Descriptor,
  type Digest,
  type Ingest,
  isForeignLayer,
  OciError,
} from '../../oci/index.ts'
import { ErrorResponse } from './error-response.ts'
import type { RegistrySession } from './registry-session.ts'
import { isPassing, type Sleep, waitMs } from './retry.ts'
import type { Semaphore } from './semaphore.ts'
import { TransferError } from './transfer-error.ts'
import { discard, type WireResponse } from './transport.ts'
import { TransportError } from './transport-error.ts'

/** What one of those who wait for a blob is told. */
export interface DownloadListener {
  onWaiting?(): void
  onBytes?(current: number, total: number): void
  onRetry?(inSeconds: number): void
  onVerifying?(): void
}

interface Download {
  readonly done: Promise<void>
  readonly listeners: Set<DownloadListener>
  readonly abort: AbortController
}

const attempts = 5

/**
 * Blobs on their way in. Two pulls that want the same blob share one download; it is given up when nobody waits for it any
 * more. What has arrived stays: the next try, or the next pull, goes on from there.
 */
export class BlobDownloads {
  readonly #blobs: ContentStore
  readonly #places: Semaphore
  readonly #sleep: Sleep
  readonly #running = new Map<Digest, Download>()

  constructor(blobs: ContentStore, places: Semaphore, sleep: Sleep) {
    this.#blobs = blobs
    this.#places = places
    this.#sleep = sleep
  }

  /** Resolves when the blob is in the store, whole and verified. */
  async fetch(
    session: RegistrySession,
    path: string,
    blob: Descriptor,
    listener: DownloadListener,
    signal?: AbortSignal,
  ): Promise<void> {
    signal?.throwIfAborted()
    for (
      let running = this.#running.get(blob.digest);
      running?.abort.signal.aborted;
      running = this.#running.get(blob.digest)
    ) {
      await running.done.catch(() => undefined) // given up by the others; it is letting go of its file
    }
    const download = this.#running.get(blob.digest) ?? this.#start(session, path, blob)
    download.listeners.add(listener)
    const gone = Promise.withResolvers<never>()
    const onAbort = () => gone.reject(signal?.reason)
    signal?.addEventListener('abort', onAbort)
    try {
      await Promise.race([download.done, gone.promise])
    } finally {
      signal?.removeEventListener('abort', onAbort)
      download.listeners.delete(listener)
      if (download.listeners.size === 0) download.abort.abort()
    }
  }

  #start(session: RegistrySession, path: string, blob: Descriptor): Download {
    const listeners = new Set<DownloadListener>()
    const abort = new AbortController()
    const tell = <K extends keyof DownloadListener>(
      what: K,
      ...values: Parameters<NonNullable<DownloadListener[K]>>
    ) => {
      for (const listener of listeners) (listener[what] as ((...values: unknown[]) => void) | undefined)?.(...values)
    }
    const done = this.#download(session, path, blob, tell, abort.signal).finally(() =>
      this.#running.delete(blob.digest),
    )
    // Whoever waits sees the failure; if nobody does any more, it is nobody's.
    done.catch(() => undefined)
    const download = { done, listeners, abort }
    this.#running.set(blob.digest, download)
    return download
  }

  async #download(
    session: RegistrySession,
    path: string,
    blob: Descriptor,
    tell: Tell,
    signal: AbortSignal,
  ): Promise<void> {
    // Listeners are added after this function's first step.
    await Promise.resolve()
    if (this.#places.isFull) tell('onWaiting')
    using _place = await this.#places.acquire()
    let resumed = false
    for (let attempt = 0; ; attempt++) {
      try {
        signal.throwIfAborted()
        resumed = await this.#attempt(session, path, blob, tell, signal)
        return
      } catch (error) {
        const isMismatch =
          error instanceof OciError && (error.code === 'digest-mismatch' || error.code === 'size-mismatch')
        // What was resumed may have had a bad beginning: once more, from the start.
        const again = isMismatch ? resumed && attempt === 0 : isPassing(error)
        if (signal.aborted || attempt + 1 >= attempts || !again) throw isMismatch ? unverified(blob, error) : error
        await this.#pause(attempt, error, tell, signal)
      }
    }
  }

  async #pause(attempt: number, error: unknown, tell: Tell, signal: AbortSignal): Promise<void> {
    const milliseconds = waitMs(attempt, error, 1000)
    for (let left = Math.max(1, Math.round(milliseconds / 1000)); left > 0; left--) {
      tell('onRetry', left)
      await this.#sleep(Math.min(1000, milliseconds), signal)
    }
  }

  /** One try. Whether it went on from what an earlier one had. */
  async #attempt(
    session: RegistrySession,
    path: string,
    blob: Descriptor,
    tell: Tell,
    signal: AbortSignal,
  ): Promise<boolean> {
    const expected = { digest: blob.digest, size: blob.size }
    await using ingest = await this.#blobs.ingest(`pull-${blob.digest}`, { expected })
    const resumed = ingest.offset > 0
    try {
      if (ingest.offset < blob.size || blob.size === 0) await receive(ingest, session, path, blob, tell, signal)
    } catch (error) {
      if (!(error instanceof OciError)) await ingest.pause()
      throw error
    }
    tell('onVerifying')
    await ingest.commit(expected)
    return resumed
  }
}

type Tell = <K extends keyof DownloadListener>(what: K, ...values: Parameters<NonNullable<DownloadListener[K]>>) => void

function unverified(blob: Descriptor, cause: unknown): TransferError {
  return new TransferError('invalid', `filesystem layer verification failed for digest ${blob.digest}`, {
    cause,
    statusCode: 500,
  })
}

async function receive(
  ingest: Ingest,
  session: RegistrySession,
  path: string,
  blob: Descriptor,
  tell: Tell,
  signal: AbortSignal,
): Promise<void> {
  const from = ingest.offset
  const { response, url } = await open(session, path, blob, from, signal)
  if (from > 0 && !continues(response, from)) await ingest.restart()
  tell('onBytes', ingest.offset, blob.size)
  const received = response as AsyncIterable<Buffer>
  try {
    for await (const chunk of received) {
      await ingest.write(chunk)
      tell('onBytes', ingest.offset, blob.size)
    }
  } catch (cause) {
    if (cause instanceof OciError || signal.aborted) throw signal.aborted ? signal.reason : cause
    throw new TransportError({ method: 'GET', url }, cause)
  }
  if (ingest.offset < blob.size) {
    const cause = Object.assign(new Error('unexpected EOF'), { code: 'ECONNRESET' })
    throw new TransportError({ method: 'GET', url }, cause)
  }
}

/** Whether the answer goes on from the byte that was asked for. */
function continues(response: WireResponse, from: number): boolean {
  return (
    response.statusCode === 206 && Number(/^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1]) === from
  )
}

/** A foreign layer is fetched from where its descriptor says, everything else from the repository. */
async function open(
  session: RegistrySession,
  path: string,
  blob: Descriptor,
  from: number,
  signal: AbortSignal,
): Promise<{ response: WireResponse; url: URL }> {
  const own: (string | URL)[] = [`/v2/${path}/blobs/${blob.digest}`]
  const elsewhere = (blob.urls ?? [])
    .filter((url) => /^https?:/.test(url) && URL.canParse(url))
    .map((url) => new URL(url))
  const places = isForeignLayer(blob.mediaType) ? [...elsewhere, ...own] : own
  let failure: unknown
  for (const place of places) {
    const ask = (start: number) =>
      session.request({
        method: 'GET',
        path: place,
        headers: start > 0 ? { Range: `bytes=${start}-` } : {},
        expect: [200, 206],
        attempts: 1,
        signal,
      })
    try {
      let response = await ask(from).catch((error: unknown) => {
        if (from > 0 && error instanceof ErrorResponse && error.status === 416) return undefined
        throw error
      })
      if (response && from > 0 && response.statusCode === 206 && !continues(response, from)) {
        discard(response)
        response = undefined
      }
      return { response: response ?? (await ask(0)), url: session.url(place) }
    } catch (error) {
      failure = error
    }
  }
  throw failure
}
