import { apiVersionOf } from '../schema/index.ts'
import { CompactedError, type Entry, FutureRevisionError, type StoreEvent, type Watch } from '../store/index.ts'
import type { ApiResponse, BodySink } from './contract.ts'
import { expired, internal } from './errors.ts'
import { type ListOptions, listOptions } from './list-options.ts'
import { type Accepted, contentTypes } from './negotiate.ts'
import { keyOf, type ResourceRequest } from './request-context.ts'
import { groupResourceOf } from './resource.ts'
import { parseResourceVersion } from './resource-version.ts'
import { encodeValue, partialMetadata, servedBytes } from './respond.ts'
import { type Selection, selectionOf } from './selection.ts'
import type { StatusError } from './status-error.ts'
import { type TableOptions, tableHead, tableOf, tableOptions, withoutNewline } from './table.ts'
import { type EventType, entryFor, frameOf, seenAs } from './watch-frames.ts'

/** A watcher that lets so much pile up is cut off: it can come back and go on from where it was. */
const maxPendingBytes = 16 * 1024 * 1024

const maxInitialBytes = 1024 * 1024

/** Watches without a timeout end after half an hour to an hour, so that they spread over servers and time. */
const minTimeoutMs = 1800 * 1000

const bookmarkEveryMs = 60_000

export async function watchVerb(context: ResourceRequest): Promise<ApiResponse> {
  const options = listOptions(context.query)
  const { resource, route, accepted, core } = context
  const named = route.name !== '' ? [{ field: 'metadata.name', operator: '=' as const, value: route.name }] : []
  const selection = selectionOf(resource, { labels: options.labels, fields: [...options.fields, ...named] })
  const after = parseResourceVersion(options.resourceVersion, groupResourceOf(resource), '')
  const table =
    accepted.convert?.kind === 'Table'
      ? tableOptions(context.query, accepted.convert.version, core.clock.nowMs())
      : undefined
  return {
    status: 200,
    headers: { 'content-type': watchContentType(accepted) },
    body: { stream: (sink) => new Watcher(context, options, selection, after, table, sink).start() },
  }
}

function watchContentType({ encoding }: Accepted): string {
  return encoding === 'cbor' ? 'application/cbor-seq' : `${contentTypes[encoding]}`
}

class Watcher {
  readonly #context: ResourceRequest
  readonly #options: ListOptions
  readonly #selection: Selection
  readonly #after: number
  readonly #table: TableOptions | undefined
  readonly #sink: BodySink
  readonly #isPlain: boolean
  #watch: Watch | undefined
  #closed = false
  #wroteColumns = false
  #sentRevision = 0
  readonly #cancel: (() => void)[] = []
  /** Frames of converted objects are made one after the other, in the order of their events. */
  #queue: Promise<void> | undefined

  constructor(
    context: ResourceRequest,
    options: ListOptions,
    selection: Selection,
    after: number,
    table: TableOptions | undefined,
    sink: BodySink,
  ) {
    this.#context = context
    this.#options = options
    this.#selection = selection
    this.#after = after
    this.#table = table
    this.#sink = sink
    const { accepted, resource } = context
    this.#isPlain = accepted.encoding === 'json' && !accepted.convert && resource.servedAsStored
  }

  start(): void {
    this.#sink.onClose(() => this.#stop())
    const { clock, random } = this.#context.core
    const { timeoutSeconds, allowWatchBookmarks } = this.#options
    const spread = 1 + (random(1)[0] ?? 0) / 255
    const timeoutMs = timeoutSeconds ? timeoutSeconds * 1000 : minTimeoutMs * spread
    this.#cancel.push(clock.after(timeoutMs, () => this.#finish()))
    if (allowWatchBookmarks) {
      // Clients learn how far they are shortly before they are sent away, too.
      this.#cancel.push(clock.after(Math.max(0, timeoutMs - 2000), () => this.#bookmark()))
      this.#scheduleBookmark()
    }
    this.#begin().catch((error: unknown) => this.#fail(error))
  }

  async #begin(): Promise<void> {
    const { store } = this.#context.core
    const { sendInitialEvents, allowWatchBookmarks } = this.#options
    const prefix = this.#prefix()
    let after = this.#after
    const wantsState = sendInitialEvents ?? after === 0
    if (wantsState) {
      const state = await store.range({ prefix })
      after = state.revision
      for (const entry of state.entries) {
        if (this.#closed) return
        if (!this.#selection.matches || this.#selection.matches(entry)) this.#write('ADDED', entry)
        // The state may be big: it is sent as fast as the client takes it.
        if (this.#sink.pendingBytes > maxInitialBytes) await this.#sink.drained()
      }
      await this.#queue
      this.#sentRevision = after
      if (sendInitialEvents && allowWatchBookmarks) this.#bookmark(true)
    } else if (after === 0) after = await store.revision()
    const current = await store.revision()
    // A revision that is yet to come: nothing is sent until it is passed.
    const from = Math.min(after, current)
    const sink = {
      events: (events: readonly StoreEvent[], revision: number) => this.#events(events, revision, after),
      end: (reason: Error) => this.#fail(reason),
    }
    const watch = await store.watch({ prefix, after: from }, sink)
    if (this.#closed) watch.close()
    else this.#watch = watch
  }

  #prefix(): string {
    const { resource, route } = this.#context
    const { name } = this.#selection
    const namespace =
      route.namespace !== '' ? route.namespace : (resource.info.namespaced && this.#selection.namespace) || ''
    if (name !== undefined && (namespace !== '' || !resource.info.namespaced))
      return keyOf(resource, resource.info.namespaced ? namespace : '', name)
    return namespace === '' || !resource.info.namespaced ? resource.keyPrefix : `${resource.keyPrefix}${namespace}/`
  }

  #events(events: readonly StoreEvent[], revision: number, after: number): void {
    for (const event of events) {
      if (this.#closed) return
      if (event.entry.revision <= after) continue
      const type = seenAs(event, this.#selection.matches)
      if (type) this.#write(type, entryFor(type, event))
    }
    this.#sentRevision = revision
  }

  #write(type: EventType, entry: Entry): void {
    if (this.#closed) return
    if (this.#isPlain) {
      this.#send(frameOf(type, entry))
      return
    }
    this.#enqueue(async () => this.#send(await this.#frame(type, entry)))
  }

  #enqueue(make: () => Promise<void>): void {
    this.#queue = (this.#queue ?? Promise.resolve()).then(make).catch((error: unknown) => this.#fail(error))
  }

  async #frame(type: EventType, entry: Entry): Promise<Uint8Array> {
    const { accepted, resource } = this.#context
    let object: Uint8Array
    if (this.#table) {
      const options = { ...this.#table, nowMs: this.#context.core.clock.nowMs() }
      object = tableOf(
        resource,
        [entry],
        options,
        tableHead(resource, options.version, `{"resourceVersion":"${entry.revision}"}`, !this.#wroteColumns),
      )
      this.#wroteColumns = true
    } else if (accepted.convert) object = partialMetadata(this.#context, entry, accepted.convert.version)
    else object = await servedBytes(this.#context, entry)
    return this.#encode(type, object)
  }

  #encode(type: string, object: Uint8Array): Uint8Array {
    const { accepted } = this.#context
    const text = new TextDecoder().decode(withoutNewline(object))
    if (accepted.encoding === 'json') return new TextEncoder().encode(`{"type":"${type}","object":${text}}\n`)
    const bytes = encodeValue({ type, object: JSON.parse(text) }, accepted.encoding, false)
    return accepted.encoding === 'yaml' ? new TextEncoder().encode(`${new TextDecoder().decode(bytes)}---\n`) : bytes
  }

  #send(frame: Uint8Array): void {
    if (this.#closed) return
    if (this.#sink.pendingBytes > maxPendingBytes) {
      this.#context.core.log.warn(
        { path: this.#context.route.path, pendingBytes: this.#sink.pendingBytes },
        'cut off a watcher that is too slow',
      )
      this.#sink.abort()
      this.#stop()
      return
    }
    this.#sink.write(frame)
  }

  #scheduleBookmark(): void {
    const { clock } = this.#context.core
    this.#cancel.push(
      clock.after(bookmarkEveryMs, () => {
        this.#bookmark()
        if (!this.#closed) this.#scheduleBookmark()
      }),
    )
  }

  #bookmark(initialEventsEnd = false): void {
    const revision = Math.max(this.#watch?.revision ?? 0, this.#sentRevision)
    if (this.#closed || revision === 0) return
    const { resource, accepted } = this.#context
    const annotations = initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}
    const metadata = { resourceVersion: String(revision), creationTimestamp: null, ...annotations }
    const { info } = resource
    const apiVersion = apiVersionOf(info)
    let object: object = { kind: info.kind, apiVersion, metadata, ...zeroFields(this.#context) }
    if (accepted.convert) {
      const meta = `meta.k8s.io/${accepted.convert.version}`
      const partial = { kind: 'PartialObjectMetadata', apiVersion: meta, metadata }
      object = this.#table
        ? {
            kind: 'Table',
            apiVersion: meta,
            metadata: { resourceVersion: String(revision) },
            columnDefinitions: null,
            rows: [{ cells: [], object: partial }],
          }
        : partial
    }
    const bytes = new TextEncoder().encode(JSON.stringify(object))
    if (this.#isPlain || this.#queue === undefined) this.#send(this.#encode('BOOKMARK', bytes))
    else this.#enqueue(async () => this.#send(this.#encode('BOOKMARK', bytes)))
  }

  #fail(error: unknown): void {
    if (this.#closed) return
    const status = statusOf(error)
    if (!status) this.#context.core.log.error({ err: error, path: this.#context.route.path }, 'a watch failed')
    const object = new TextEncoder().encode(JSON.stringify((status ?? internal((error as Error).message)).toStatus()))
    this.#send(this.#encode('ERROR', object))
    this.#finish()
  }

  #finish(): void {
    if (this.#closed) return
    this.#sink.end()
    this.#stop()
  }

  #stop(): void {
    if (this.#closed) return
    this.#closed = true
    this.#watch?.close()
    for (const cancel of this.#cancel) cancel()
  }
}

function zeroFields({ resource }: ResourceRequest): object {
  const decoded = resource.decode({ kind: resource.info.kind, apiVersion: apiVersionOf(resource.info) }).object
  const { kind: _, apiVersion: __, metadata: ___, ...rest } = decoded
  return rest
}

function statusOf(error: unknown): StatusError | undefined {
  if (error instanceof CompactedError)
    return expired(`too old resource version: ${error.revision} (${error.compacted})`)
  if (error instanceof FutureRevisionError)
    return expired(`too old resource version: ${error.revision} (${error.current})`)
  return undefined
}
