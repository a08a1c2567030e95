import { Client, type ClientDuplexStream, credentials, type ServiceError } from '@grpc/grpc-js'
import {
  CompactedError,
  type Entry,
  FutureRevisionError,
  type RangeQuery,
  type RangeResult,
  type Store,
  StoreClosedError,
  type StoreEvent,
  type Value,
  type Watch,
  type WatchQuery,
  type WatchSink,
  type WriteResult,
} from './contract.ts'
import { bytesOf, type Message, message, messagesOf, numberOf, parse } from './etcd-wire.ts'
import { placeRevision, replaceRevision } from './place-revision.ts'

export interface EtcdStoreOptions {
  /** host:port of each member. */
  readonly endpoints: readonly string[]
  /** Put before every key, so that several stores can share one etcd. */
  readonly prefix?: string
  /** In PEM; without a CA the connection is plain. */
  readonly tls?: { readonly ca: string; readonly certificate?: string; readonly key?: string }
}

const decoder = new TextDecoder()
const isCompacted = /required revision has been compacted/
const isFuture = /required revision is a future revision/

/**
 * Everything in an etcd v3 cluster. A value is stored as the place of its revision, in four bytes, and its bytes; the
 * revision is put in when it is read, because etcd makes it when it is written.
 */
export async function openEtcdStore({ endpoints, prefix = '', tls }: EtcdStoreOptions): Promise<Store> {
  const pem = (text: string | undefined) => (text === undefined ? null : Buffer.from(text))
  const how = tls
    ? credentials.createSsl(pem(tls.ca), pem(tls.key), pem(tls.certificate))
    : credentials.createInsecure()
  const options = {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    'grpc.keepalive_time_ms': 30_000,
  }
  // Addresses of one kind are tried one after the other by the client itself.
  const store = new EtcdStore(new Client(`ipv4:${endpoints.join(',')}`, how, options), prefix)
  await store.revision()
  return store
}

/** The least key that is behind every key with this prefix. */
function behind(prefix: string): Uint8Array {
  const bytes = Uint8Array.from(new TextEncoder().encode(prefix))
  for (let i = bytes.length - 1; i >= 0; i--) {
    const byte = bytes[i] ?? 0
    if (byte === 0xff) continue
    bytes[i] = byte + 1
    return bytes.subarray(0, i + 1)
  }
  return Uint8Array.of(0)
}

class EtcdStore implements Store {
  readonly #client: Client
  readonly #prefix: string
  readonly #watches = new Set<WatchSink>()
  #closed = false

  constructor(client: Client, prefix: string) {
    this.#client = client
    this.#prefix = prefix
  }

  async revision(): Promise<number> {
    return revisionOf(await this.#call('KV/Range', message([1, `${this.#prefix}/`], [3, 1], [9, 1])))
  }

  async get(key: string, revision = 0) {
    const answer = await this.#read(message([1, this.#prefix + key], [4, revision || undefined]), revision)
    const [kv] = messagesOf(answer, 2)
    return { entry: kv && this.#entry(kv), revision: revision || revisionOf(answer) }
  }

  async range({ prefix, from, limit, revision = 0 }: RangeQuery): Promise<RangeResult> {
    const start = this.#prefix + (from !== undefined && from > prefix ? from : prefix)
    const end = behind(this.#prefix + prefix)
    const answer = await this.#read(
      message([1, start], [2, end], [3, limit || undefined], [4, revision || undefined]),
      revision,
    )
    const entries = messagesOf(answer, 2).map((kv) => this.#entry(kv))
    return { entries, revision: revision || revisionOf(answer), remaining: numberOf(answer, 4) - entries.length }
  }

  create(key: string, value: Value): Promise<WriteResult> {
    return this.#write(key, value, message([2, 1], [3, this.#prefix + key], [5, 0]))
  }

  async update(key: string, value: Value, ifRevision: number): Promise<WriteResult> {
    if (ifRevision < 1) return { written: false, current: (await this.get(key)).entry }
    return this.#write(key, value, message([2, 2], [3, this.#prefix + key], [6, ifRevision]))
  }

  async delete(key: string, ifRevision: number): Promise<WriteResult> {
    if (ifRevision < 1) return { written: false, current: (await this.get(key)).entry }
    return this.#write(key, undefined, message([2, 2], [3, this.#prefix + key], [6, ifRevision]))
  }

  async #write(key: string, value: Value | undefined, condition: Uint8Array): Promise<WriteResult> {
    const name = this.#prefix + key
    const operation = value
      ? message([2, message([1, name], [2, stored(value)], [4, 1])])
      : message([3, message([1, name], [3, 1])])
    const otherwise = message([1, message([1, name])])
    const answer = await this.#call('KV/Txn', message([1, condition], [2, operation], [3, otherwise]))
    const [response] = messagesOf(answer, 3)
    if (numberOf(answer, 2) !== 1) {
      const [range] = messagesOf(response, 1)
      const [kv] = messagesOf(range, 2)
      return { written: false, current: kv && this.#entry(kv) }
    }
    const revision = revisionOf(answer)
    if (!value) {
      const [kv] = messagesOf(messagesOf(response, 3)[0], 3)
      if (!kv) return { written: false, current: undefined }
      return { written: true, entry: gone(this.#entry(kv), revision) }
    }
    const [before] = messagesOf(messagesOf(response, 2)[0], 2)
    const createRevision = before ? numberOf(before, 2) : revision
    const { revisionAt } = value
    return {
      written: true,
      entry: { key, bytes: placeRevision(value, revision), revisionAt, createRevision, revision, memo: undefined },
    }
  }

  async watch({ prefix, after }: WatchQuery, sink: WatchSink): Promise<Watch> {
    const current = await this.revision()
    if (after > current) throw new FutureRevisionError(after, current)
    // etcd grants such a watch first and takes it back a moment later; a read says so at once.
    if (after > 0) await this.#read(message([1, `${this.#prefix}/`], [3, 1], [4, after], [9, 1]), after)
    const stream = this.#stream()
    let at = after
    let over = false
    const finish = (reason: Error | undefined) => {
      if (over) return
      over = true
      this.#watches.delete(sink)
      stream.cancel()
      if (reason) sink.end(reason)
    }
    this.#watches.add(sink)
    await new Promise<void>((resolve, reject) => {
      stream.on('data', (answer: Message) => {
        if (numberOf(answer, 4) === 1) {
          const error = new CompactedError(after, numberOf(answer, 5))
          reject(error)
          finish(error)
          return
        }
        at = Math.max(at, revisionOf(answer))
        if (numberOf(answer, 3) === 1) resolve()
        const events = messagesOf(answer, 11).flatMap((event) => this.#event(event))
        if (events.length > 0 && !over) sink.events(events, at)
      })
      stream.on('error', (error: Error) => {
        reject(error)
        finish(this.#closed ? new StoreClosedError() : error)
      })
      const request = message(
        [1, this.#prefix + prefix],
        [2, behind(this.#prefix + prefix)],
        [3, after + 1],
        [4, 1],
        [6, 1],
      )
      stream.write(message([1, request]))
    })
    return {
      get revision() {
        return at
      },
      close: () => finish(undefined),
    }
  }

  async compact(revision: number): Promise<void> {
    await this.#call('KV/Compact', message([1, revision], [2, 1]))
  }

  /** etcd tells only those who watch what is gone, within a tenth of a second. */
  async compacted(): Promise<number> {
    const stream = this.#stream()
    try {
      return await new Promise<number>((resolve, reject) => {
        stream.on('data', (answer: Message) => {
          if (numberOf(answer, 4) === 1) resolve(numberOf(answer, 5))
          else if (numberOf(answer, 3) !== 1) resolve(1)
          else setTimeout(() => resolve(1), 300)
        })
        stream.on('error', reject)
        stream.write(message([1, message([1, '\0'], [3, 1])]))
      })
    } finally {
      stream.on('error', () => undefined)
      stream.cancel()
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const sinks = [...this.#watches]
    this.#watches.clear()
    for (const sink of sinks) sink.end(new StoreClosedError())
    this.#client.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #entry(kv: Message): Entry {
    const raw = bytesOf(kv, 5)
    const revision = numberOf(kv, 3)
    const revisionAt = new DataView(raw.buffer, raw.byteOffset, 4).getInt32(0)
    const bytes = placeRevision({ bytes: raw.subarray(4), revisionAt }, revision)
    const key = decoder.decode(bytesOf(kv, 1)).slice(this.#prefix.length)
    return { key, bytes, revisionAt, createRevision: numberOf(kv, 2), revision, memo: undefined }
  }

  #event(event: Message): StoreEvent[] {
    const [kv] = messagesOf(event, 2)
    const [before] = messagesOf(event, 3)
    const previous = before && this.#entry(before)
    if (!kv) return []
    if (numberOf(event, 1) === 0) return [{ type: 'put', entry: this.#entry(kv), previous }]
    return previous ? [{ type: 'delete', entry: gone(previous, numberOf(kv, 3)), previous }] : []
  }

  async #read(request: Uint8Array, revision: number): Promise<Message> {
    try {
      return await this.#call('KV/Range', request)
    } catch (error) {
      const text = (error as Error).message
      if (isCompacted.test(text)) throw new CompactedError(revision, await this.compacted())
      if (isFuture.test(text)) throw new FutureRevisionError(revision, await this.revision())
      throw error
    }
  }

  #call(method: string, request: Uint8Array): Promise<Message> {
    if (this.#closed) return Promise.reject(new StoreClosedError())
    return new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, answer?: Message) => {
        if (answer) resolve(answer)
        else reject(this.#closed ? new StoreClosedError() : error)
      }
      this.#client.makeUnaryRequest(`/etcdserverpb.${method}`, toBuffer, parse, request, done)
    })
  }

  #stream(): ClientDuplexStream<Uint8Array, Message> {
    if (this.#closed) throw new StoreClosedError()
    return this.#client.makeBidiStreamRequest('/etcdserverpb.Watch/Watch', toBuffer, parse)
  }
}

const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const revisionOf = (answer: Message): number => numberOf(messagesOf(answer, 1)[0], 3)

function stored({ bytes, revisionAt }: Value): Uint8Array {
  const result = new Uint8Array(4 + bytes.length)
  new DataView(result.buffer).setInt32(0, revisionAt)
  result.set(bytes, 4)
  return result
}

function gone(previous: Entry, revision: number): Entry {
  const { key, revisionAt, createRevision } = previous
  return { key, bytes: replaceRevision(previous, revision), revisionAt, createRevision, revision, memo: undefined }
}
