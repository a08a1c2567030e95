import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Content, type Digest, digestOf, mediaTypes, openContent } from '../oci/index.ts'
import type { Log, Registry } from './contract.ts'
import { openRegistry } from './server/registry.ts'

/** For tests: warnings and errors are kept, to be asserted. */
export function quietLog(): Log & { readonly errors: unknown[] } {
  const errors: unknown[] = []
  const ignore = () => undefined
  return { errors, debug: ignore, info: ignore, warn: ignore, error: (context) => void errors.push(context) }
}

export interface TestFolder extends AsyncDisposable {
  readonly path: string
}

export async function testFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'manufacture-registry-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

export interface TestContent extends AsyncDisposable {
  readonly content: Content
  readonly dir: string
}

export async function testContent(): Promise<TestContent> {
  const folder = await testFolder()
  const content = await openContent({ folder: join(folder.path, 'content'), log: quietLog() })
  return {
    content,
    dir: folder.path,
    [Symbol.asyncDispose]: async () => {
      await content[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** A registry on a free port, in a folder of its own. */
export interface TestRegistry extends AsyncDisposable {
  readonly registry: Registry
  readonly content: Content
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  readonly port: number
  readonly errors: unknown[]
  fetch(path: string, init?: RequestInit & { duplex?: 'half' }): Promise<Response>
  pushBlob(name: string, bytes: Uint8Array | string, algorithm?: 'sha256' | 'sha512'): Promise<Digest>
}

export async function testRegistry(): Promise<TestRegistry> {
  const log = quietLog()
  const { content, dir, ...rest } = await testContent()
  const registry = await openRegistry({ dir: join(dir, 'registry'), content, log })
  const port = await registry.listen(0)
  const url = `http://127.0.0.1:${port}`
  const send = (path: string, init: RequestInit = {}) => fetch(path.startsWith('http') ? path : `${url}${path}`, init)
  return {
    registry,
    content,
    url,
    port,
    errors: log.errors,
    fetch: send,
    async pushBlob(name, bytes, algorithm = 'sha256') {
      const body = Buffer.from(bytes)
      const digest = digestOf(body, algorithm)
      const response = await send(`/v2/${name}/blobs/uploads/?digest=${digest}`, { method: 'POST', body })
      if (response.status !== 201) throw new Error(`Cannot push a blob: ${response.status} ${await response.text()}`)
      return digest
    },
    [Symbol.asyncDispose]: async () => {
      await registry[Symbol.asyncDispose]()
      await rest[Symbol.asyncDispose]()
    },
  }
}

export interface PushedManifest {
  readonly digest: Digest
  readonly bytes: Buffer
  readonly config: Digest
  readonly layer: Digest
  readonly response: Response
}

/** A small image with one layer under a tag. */
export async function pushImage(
  registry: TestRegistry,
  name: string,
  tag: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<PushedManifest> {
  const configBytes = Buffer.from(
    JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } }),
  )
  const layerBytes = Buffer.from(`layer of ${name}`)
  const config = await registry.pushBlob(name, configBytes)
  const layer = await registry.pushBlob(name, layerBytes)
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, digest: config, size: configBytes.length },
    layers: [{ mediaType: mediaTypes.ociLayer, digest: layer, size: layerBytes.length }],
    ...more,
  }
  const bytes = Buffer.from(JSON.stringify(manifest))
  const digest = digestOf(bytes)
  const response = await putManifest(registry, name, tag, bytes)
  return { digest, bytes, config, layer, response }
}

export function putManifest(
  registry: TestRegistry,
  name: string,
  reference: string,
  bytes: Uint8Array | string,
  type: string = mediaTypes.ociManifest,
) {
  const body = Buffer.from(bytes)
  return registry.fetch(`/v2/${name}/manifests/${reference}`, {
    method: 'PUT',
    headers: { 'Content-Type': type },
    body,
  })
}

/** The codes of an answer's errors. */
export async function errorCodes(response: Response): Promise<string[]> {
  const body = (await response.json()) as { errors: { code: string }[] }
  return body.errors.map(({ code }) => code)
}
