import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import {
  type ChainId,
  type Content,
  type Descriptor,
  type DiffId,
  type Image,
  mediaTypes,
  parseNormalizedName,
} from '../oci/index.ts'

type Files = Readonly<Record<string, string | Uint8Array>>

/** An image whose layers hold these files, lowest first, with gzip layers. */
export async function makeImage(
  content: Content,
  name: string,
  layers: readonly Files[],
  platform = { os: 'linux', architecture: 'amd64' },
): Promise<Image> {
  using lease = content.lease()
  const descriptors: Descriptor[] = []
  const diffIds: DiffId[] = []
  let parent: ChainId | undefined
  for (const files of layers) {
    await using scratch = await content.layers.scratch()
    const upper = join(scratch.folder, 'upper')
    await mkdir(upper)
    for (const [path, bytes] of Object.entries(files)) {
      await mkdir(dirname(join(upper, path)), { recursive: true })
      await writeFile(join(upper, path), bytes)
    }
    const packed = await content.layers.packUpper(upper, { lease, ...(parent ? { parent } : {}) })
    parent = packed.layer.chainId
    descriptors.push(packed.descriptor)
    diffIds.push(packed.layer.diffId)
  }
  const config = await content.blobs.put(
    JSON.stringify({ ...platform, config: { Cmd: ['sh'] }, rootfs: { type: 'layers', diff_ids: diffIds } }),
    { lease },
  )
  const manifest = await content.blobs.put(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: mediaTypes.ociConfig, digest: config.digest, size: config.size },
      layers: descriptors,
    }),
    { lease },
  )
  const image = await content.images.add({ manifest: manifest.digest, names: [parseNormalizedName(name)] })
  return content.compressImage(image.id, lease)
}

/** Answers a request itself (true), or lets it through. */
export type Fault = (incoming: IncomingMessage, response: ServerResponse) => boolean | undefined

export interface FaultyRegistry extends AsyncDisposable {
  readonly url: string
  /** `127.0.0.1:<port>` */
  readonly host: string
  /** every request that came: method and path */
  readonly seen: string[]
  fault: Fault
}

/** Stands before a registry and spoils what the test wants spoilt. */
export async function faultyRegistry(
  upstream: string | undefined,
  fault: Fault = () => false,
): Promise<FaultyRegistry> {
  const seen: string[] = []
  const server = createServer((incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url}`)
    if (registry.fault(incoming, response)) return
    if (upstream === undefined) {
      response.writeHead(404).end()
      return
    }
    const { method, headers } = incoming
    const onward = request(
      new URL(incoming.url ?? '/', upstream),
      { ...(method ? { method } : {}), headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    onward.on('error', () => response.destroy())
    incoming.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const registry: FaultyRegistry = {
    url: `http://${host}`,
    host,
    seen,
    fault,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
  return registry
}

export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): true {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body))
  return true
}

export function answerBytes(
  response: ServerResponse,
  status: number,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): true {
  response.writeHead(status, headers).end(body)
  return true
}
