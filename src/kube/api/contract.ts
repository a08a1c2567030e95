/**
 * How the Kubernetes API meets the world: a request comes in, a response goes out, and everything that it may not know
 * (time, randomness, storage, who is asking, who may, what a node does) is handed in.
 */
import type { Json, JsonObject } from '../schema/index.ts'
import type { Store } from '../store/index.ts'

export type { Json, JsonObject }

// ── Requests ────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface ApiRequest {
  readonly method: string
  /** Still percent-encoded, without the query. */
  readonly path: string
  /** Without the question mark. */
  readonly query: string
  /** By lower-case name; several of one name are joined by `, `. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /**
   * Reads the whole body.
   * @throws StatusError 413 past `limitBytes`, 408 where the client is too slow
   */
  body(limitBytes: number): Promise<Uint8Array>
  readonly client: Client
  /** The listener is called once when the client is gone or the answer was sent; at once if that has happened. */
  onClose(listener: () => void): void
}

/** What the connection says of who is at its other end. */
export interface Client {
  readonly address: string
  /** Present where the client showed a certificate that the client CA signed and that is valid now. */
  readonly certificate?: { readonly commonName: string; readonly organizations: readonly string[]; readonly id: string }
}

export interface ApiResponse {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body?: ResponseBody
}

export type ResponseBody =
  | Uint8Array
  /** Known in whole, sent piece by piece as fast as the client takes it. */
  | { readonly chunks: Iterable<Uint8Array> }
  /** Written over time, as a watch is. */
  | { readonly stream: (sink: BodySink) => void }
  /** The connection itself is taken over (exec, attach, port-forward). */
  | { readonly upgrade: Upgrade }

export interface BodySink {
  /** Takes the buffer as it is; it must not change any more. */
  write(chunk: Uint8Array): void
  /** Bytes that the client has not taken yet: who writes decides when that is too much. */
  readonly pendingBytes: number
  /** Resolves once the client has taken most of what is pending, or is gone. */
  drained(): Promise<void>
  end(): void
  /** Break the connection of a client that cannot keep up. */
  abort(): void
  onClose(listener: () => void): void
}

/** The one function that adapters call. It never rejects: a fault becomes a Status. */
export type ApiHandler = (request: ApiRequest) => Promise<ApiResponse>

// ── Access: handed in ───────────────────────────────────────────────────────────────────────────────────────────────

export interface UserInfo {
  readonly name: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** Undefined: nothing in the request says who it is, or what it says is wrong; that is 401. @throws StatusError */
export type Authenticate = (request: ApiRequest) => UserInfo | undefined | Promise<UserInfo | undefined>

export interface Attributes {
  readonly user: UserInfo
  /** get, list, watch, create, update, patch, delete, deletecollection, or of a path: the method in small letters. */
  readonly verb: string
  /** False: `path` counts and the rest is empty. */
  readonly resourceRequest: boolean
  readonly apiGroup: string
  readonly apiVersion: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly path: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

export interface Decision {
  readonly allowed: boolean
  readonly reason?: string
}

export type Authorize = (attributes: Attributes) => Decision | Promise<Decision>

export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'

export interface AdmissionRequest {
  readonly operation: AdmissionOperation
  readonly resource: ResourceId
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string }
  readonly subresource: string
  readonly namespace: string
  /** Empty for a create with generateName until the name is made. */
  readonly name: string
  /** Absent for DELETE. A mutating step changes it in place. */
  readonly object: JsonObject | undefined
  readonly oldObject: JsonObject | undefined
  /** CreateOptions, UpdateOptions, PatchOptions or DeleteOptions. */
  readonly options: JsonObject
  readonly dryRun: boolean
  readonly user: UserInfo
  /** Adds a Warning header to the answer. */
  warn(text: string): void
}

/** Both throw StatusError to refuse. `validate` sees the object as it would be stored. */
export interface Admission {
  mutate(request: AdmissionRequest): void | Promise<void>
  validate(request: AdmissionRequest): void | Promise<void>
}

export interface ResourceId {
  readonly group: string
  readonly version: string
  readonly resource: string
}

/** Sees every request once its answer is known; for the audit log. */
export type Audit = (record: {
  readonly request: ApiRequest
  readonly user: UserInfo | undefined
  readonly attributes: Attributes | undefined
  readonly status: number
  readonly receivedAtMs: number
}) => void

/**
 * Asked for every request that is authenticated and allowed and whose path nothing else has; undefined: not mine.
 * Aggregated API services and further non-resource paths come in here.
 */
export type Fallback = (
  request: ApiRequest,
  user: UserInfo,
) => ApiResponse | undefined | Promise<ApiResponse | undefined>

// ── Nodes: handed in ────────────────────────────────────────────────────────────────────────────────────────────────

/** One direction or both of a byte stream between a client and a node. */
export interface ByteStream {
  readonly readable: AsyncIterable<Uint8Array>
  /** Resolves when the other side can take more. */
  write(chunk: Uint8Array): Promise<void>
  /** No more will be written. */
  end(): void
  /** Break both directions. */
  abort(reason: Error): void
}

export interface TerminalSize {
  readonly width: number
  readonly height: number
}

/** The client's side of an exec or attach, already taken apart into its streams. */
export interface ExecStreams {
  readonly stdin?: AsyncIterable<Uint8Array>
  stdout?(chunk: Uint8Array): Promise<void>
  stderr?(chunk: Uint8Array): Promise<void>
  readonly resize?: AsyncIterable<TerminalSize>
  /** Called when the client is gone. */
  onClose(listener: () => void): void
}

export interface ExecRequest {
  readonly pod: JsonObject
  readonly container: string
  readonly command: readonly string[]
  readonly tty: boolean
}

/** How the API reaches the node that runs a pod. Every method throws StatusError where the node says no. */
export interface NodeDialer {
  /** `query` is PodLogOptions as the client sent it, checked. The answer is plain text. */
  log(pod: JsonObject, container: string, query: URLSearchParams): Promise<AsyncIterable<Uint8Array>>
  /** Resolves with the exit code once the command ended and every byte of its output was written. */
  exec(request: ExecRequest, streams: ExecStreams): Promise<number>
  attach(request: Omit<ExecRequest, 'command'>, streams: ExecStreams): Promise<number>
  portForward(pod: JsonObject, port: number): Promise<ByteStream>
  /** To a pod's own address (`/proxy`), or a service's chosen endpoint, or a node's own API. */
  proxy(target: ProxyTarget, request: ApiRequest, path: string): Promise<ApiResponse>
}

export type ProxyTarget =
  | { readonly kind: 'pod'; readonly pod: JsonObject; readonly scheme: string; readonly port: string }
  | { readonly kind: 'service'; readonly service: JsonObject; readonly scheme: string; readonly port: string }
  | { readonly kind: 'node'; readonly node: JsonObject; readonly scheme: string; readonly port: string }

/**
 * What a taken-over connection does. The adapter speaks WebSocket (v4/v5.channel.k8s.io) or SPDY/3.1 and hands over
 * streams; the core says which streams there are and joins them to the node.
 */
export type Upgrade =
  | {
      readonly kind: 'exec'
      readonly stdin: boolean
      readonly stdout: boolean
      readonly stderr: boolean
      readonly tty: boolean
      /** Resolves with the Status that goes down the error stream. */
      run(streams: ExecStreams): Promise<JsonObject>
    }
  | { readonly kind: 'portforward'; readonly ports: readonly number[]; dial(port: number): Promise<ByteStream> }

// ── Everything together ─────────────────────────────────────────────────────────────────────────────────────────────

export interface Clock {
  nowMs(): number
  /** Call once after so many milliseconds; the answer takes it back. A waiting call must not keep the process alive. */
  after(delayMs: number, action: () => void): () => void
}

export interface Log {
  debug(obj: object, message?: string): void
  info(obj: object, message?: string): void
  warn(obj: object, message?: string): void
  error(obj: object, message?: string): void
}

export interface ApiDependencies {
  readonly store: Store
  readonly clock: Clock
  /** So many random bytes, fit for uids and tokens. */
  readonly random: (length: number) => Uint8Array
  readonly log: Log
  readonly authenticate: Authenticate
  readonly authorize: Authorize
  readonly admission: Admission
  readonly audit?: Audit
  readonly nodes?: NodeDialer
  readonly fallback?: Fallback
  /**
   * Answers creates of kinds that are never stored (TokenReview, SubjectAccessReview …) and of subresources such as
   * `token` of serviceaccounts, by `group/resource` or `group/resource/subresource`. The object is decoded, defaulted and
   * validated; the answer is it with its status.
   */
  readonly virtual?: Readonly<Record<string, VirtualCreate>>
}

export type VirtualCreate = (request: {
  readonly user: UserInfo
  readonly namespace: string
  /** The parent's name, for a subresource. */
  readonly name: string
  readonly object: JsonObject
  readonly dryRun: boolean
}) => JsonObject | Promise<JsonObject>
