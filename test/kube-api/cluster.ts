import { execFile, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http2 from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type KubeOptions, startKube } from '../../src/daemon/kube.ts'
import { checkAgainstOpenApi } from './open-api-check.ts'

export type Body = Record<string, unknown>

export interface Answer {
  readonly status: number
  readonly headers: Record<string, string | undefined>
  readonly text: string
  /** The parsed body; its fields are looked into freely. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape are taken apart in tests
  readonly json: any
}

export interface KubectlResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

/** A running API with a state folder of its own, and clients for it. */
export class Cluster implements AsyncDisposable {
  readonly url: string
  readonly kubeconfigPath: string
  readonly stateDir: string
  readonly #session: http2.ClientHttp2Session
  readonly #close: () => Promise<void>
  readonly tls: { ca: string; cert: string; key: string }

  private constructor(stateDir: string, kubeconfig: string, close: () => Promise<void>) {
    const config = parse(kubeconfig)
    const decode = (text: string) => Buffer.from(text, 'base64').toString()
    this.stateDir = stateDir
    this.url = config.clusters[0].cluster.server
    this.tls = {
      ca: decode(config.clusters[0].cluster['certificate-authority-data']),
      cert: decode(config.users[0].user['client-certificate-data']),
      key: decode(config.users[0].user['client-key-data']),
    }
    new X509Certificate(this.tls.ca)
    this.kubeconfigPath = join(stateDir, 'kubeconfig')
    writeFileSync(this.kubeconfigPath, kubeconfig, { mode: 0o600 })
    this.#session = http2.connect(this.url, this.tls)
    this.#session.on('error', () => undefined)
    this.#close = close
  }

  static async start(options: Partial<KubeOptions> = {}): Promise<Cluster> {
    const stateDir = options.stateDir ?? mkdtempSync(join(tmpdir(), 'kube-api-'))
    const kube = await startKube({ log: silent, ...options, stateDir })
    return new Cluster(stateDir, kube.kubeconfig, async () => {
      await kube[Symbol.asyncDispose]()
      if (options.stateDir === undefined) rmSync(stateDir, { recursive: true, force: true })
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#session.destroy()
    await this.#close()
  }

  /** Objects that come back are checked against Kubernetes' OpenAPI description. */
  async request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const payload =
      body === undefined
        ? undefined
        : typeof body === 'string' || body instanceof Uint8Array
          ? body
          : JSON.stringify(body)
    const answer = await this.open(method, path, payload, headers)
    const chunks: Buffer[] = []
    for await (const chunk of answer.stream) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const type = answer.headers['content-type'] ?? ''
    const json = type.startsWith('application/json') && text !== '' ? JSON.parse(text) : undefined
    if (json && method !== 'HEAD') checkAgainstOpenApi(json, `${method} ${path}`)
    return { status: answer.status, headers: answer.headers, text, json }
  }

  get = (path: string, headers?: Record<string, string>) => this.request('GET', path, undefined, headers)
  post = (path: string, body: unknown, headers?: Record<string, string>) => this.request('POST', path, body, headers)
  put = (path: string, body: unknown, headers?: Record<string, string>) => this.request('PUT', path, body, headers)
  delete = (path: string, body?: unknown, headers?: Record<string, string>) =>
    this.request('DELETE', path, body, headers)
  patch = (path: string, body: unknown, type: string, headers?: Record<string, string>) =>
    this.request('PATCH', path, body, { 'content-type': patchTypes[type] ?? type, ...headers })

  async open(method: string, path: string, payload?: string | Uint8Array, headers: Record<string, string> = {}) {
    const contentType = payload === undefined ? {} : { 'content-type': 'application/json' }
    const stream = this.#session.request(
      { ':method': method, ':path': path, ...contentType, ...headers },
      { endStream: payload === undefined },
    )
    const head = new Promise<http2.IncomingHttpHeaders>((resolve, reject) => {
      stream.once('response', resolve)
      stream.once('error', reject)
    })
    if (payload !== undefined) stream.end(payload)
    const received = await head
    stream.on('error', () => undefined)
    const { ':status': status, ...rest } = received
    return { status: Number(status), headers: rest as Record<string, string | undefined>, stream }
  }

  /** Events of a watch as they come; `next` waits for one. */
  async watch(path: string, headers: Record<string, string> = {}): Promise<WatchStream> {
    const { status, stream } = await this.open('GET', path, undefined, headers)
    return new WatchStream(status, stream)
  }

  kubectl(args: readonly string[], input = ''): Promise<KubectlResult> {
    return new Promise((resolve) => {
      const child = execFile(
        'kubectl',
        ['--kubeconfig', this.kubeconfigPath, ...args],
        { env: { ...process.env, HOME: this.stateDir }, maxBuffer: 64 * 1024 * 1024, timeout: 60_000 },
        (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
      )
      child.stdin?.end(input)
    })
  }
}

const patchTypes: Readonly<Record<string, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
}

export interface Event {
  readonly type: string
  // biome-ignore lint/suspicious/noExplicitAny: objects of every kind are taken apart in tests
  readonly object: any
}

export class WatchStream implements Disposable {
  readonly status: number
  readonly #stream: http2.ClientHttp2Stream
  readonly #events: Event[] = []
  #rest = ''
  #ended = false
  #wake: () => void = () => undefined

  constructor(status: number, stream: http2.ClientHttp2Stream) {
    this.status = status
    this.#stream = stream
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n')
      this.#rest = lines.pop() ?? ''
      for (const line of lines) if (line !== '') this.#events.push(JSON.parse(line))
      this.#wake()
    })
    stream.on('close', () => {
      this.#ended = true
      this.#wake()
    })
  }

  /** Undefined once the watch is over. */
  async next(): Promise<Event | undefined> {
    while (this.#events.length === 0 && !this.#ended)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    return this.#events.shift()
  }

  async take(count: number): Promise<Event[]> {
    const events: Event[] = []
    while (events.length < count) {
      const event = await this.next()
      if (!event) break
      events.push(event)
    }
    return events
  }

  [Symbol.dispose](): void {
    this.#stream.close()
  }
}

export const configMap = (name: string, data: Record<string, string> = {}, labels?: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...(labels ? { labels } : {}) },
  data,
})

export const pod = (name: string, extra: Body = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name } },
  spec: { containers: [{ name: 'main', image: 'busybox' }], ...extra },
})

export const deployment = (name: string, replicas = 1) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'web', image: 'nginx:1', ports: [{ containerPort: 80 }] }] },
    },
  },
})
