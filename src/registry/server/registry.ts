import { mkdir } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Registry, RegistryOptions } from '../contract.ts'
import { serveBlob } from './blobs.ts'
import { answerJson, type Exchange, type RegistryContext, refuseUnlessRead } from './exchange.ts'
import { Links } from './links.ts'
import { serveManifest } from './manifests.ts'
import { serveReferrers } from './referrers.ts'
import { refusal } from './refusal.ts'
import { parseRoute } from './route.ts'
import { serveCatalog, serveTags } from './tags.ts'
import { beginUpload, ingestRef, serveUpload } from './uploads.ts'

const uploadLifetimeMs = 7 * 24 * 60 * 60 * 1000
const sweepEveryMs = 60 * 60 * 1000

/** Opens a registry's folder and removes the upload sessions that nobody can go on with. */
export async function openRegistry({ dir, content, log }: RegistryOptions): Promise<Registry> {
  await mkdir(dir, { recursive: true })
  const links = new Links(join(dir, 'registry.sqlite'))
  const context: RegistryContext = { links, content, log }
  await forgetLostUploads(context)
  await sweepUploads(context)
  return new OciRegistry(context)
}

/** Sessions whose bytes did not outlive the process that received them: their clients must begin again. */
async function forgetLostUploads({ links, content }: RegistryContext): Promise<void> {
  const kept = new Set(content.blobs.ingests().map((ingest) => ingest.ref))
  for (const { id } of links.uploads()) if (!kept.has(ingestRef(id))) links.removeUpload(id)
}

/** "If this request fails or is not called, the server SHOULD eventually timeout unfinished uploads." */
async function sweepUploads({ links, content, log }: RegistryContext): Promise<void> {
  for (const { id, startedAt, repository } of links.uploads()) {
    if (Date.now() - startedAt.getTime() < uploadLifetimeMs) continue
    log.info({ id, repository }, 'registry: unfinished upload timed out')
    links.removeUpload(id)
    await content.blobs.abortIngest(ingestRef(id))
  }
}

class OciRegistry implements Registry {
  readonly #context: RegistryContext
  readonly #servers = new Set<Server>()
  readonly #roots: Disposable
  readonly #sweeper: NodeJS.Timeout

  constructor(context: RegistryContext) {
    this.#context = context
    this.#roots = context.content.addRoots(() => ({ blobs: context.links.digests() }))
    this.#sweeper = setInterval(() => {
      sweepUploads(context).catch((error: unknown) =>
        context.log.error({ err: error }, 'registry: sweep of uploads failed'),
      )
    }, sweepEveryMs).unref()
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('Docker-Distribution-API-Version', 'registry/2.0')
    const url = new URL(request.url ?? '/', 'http://registry')
    const exchange: Exchange = { request, response, query: url.searchParams, method: request.method ?? 'GET' }
    try {
      await dispatch(this.#context, exchange, url.pathname)
    } catch (error) {
      refusal(this.#context.log, exchange, error)
    }
  }

  async listen(port: number, host = '127.0.0.1'): Promise<number> {
    const server = createServer((request, response) => void this.handle(request, response))
    // A layer may take longer than Node's five minutes; an idle socket still ends.
    server.requestTimeout = 0
    server.headersTimeout = 60_000
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
    this.#servers.add(server)
    return (server.address() as AddressInfo).port
  }

  repositories(): readonly string[] {
    return this.#context.links.repositories({ limit: Number.MAX_SAFE_INTEGER })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sweeper)
    for (const server of this.#servers) {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    }
    this.#roots[Symbol.dispose]()
    this.#context.links[Symbol.dispose]()
  }
}

async function dispatch(context: RegistryContext, exchange: Exchange, pathname: string): Promise<void> {
  const route = parseRoute(pathname)
  switch (route?.kind) {
    case undefined:
      return answerJson(exchange, 404, { errors: [{ code: 'UNKNOWN', message: '404 page not found' }] })
    case 'base':
      refuseUnlessRead(exchange)
      return answerJson(exchange, 200, {})
    case 'catalog':
      return serveCatalog(context, exchange)
    case 'tags':
      return serveTags(context, exchange, route.name)
    case 'manifest':
      return serveManifest(context, exchange, route.name, route.reference)
    case 'blob':
      return serveBlob(context, exchange, route.name, route.digest)
    case 'uploads':
      return beginUpload(context, exchange, route.name)
    case 'upload':
      return serveUpload(context, exchange, route.name, route.id)
    case 'referrers':
      return serveReferrers(context, exchange, route.name, route.digest)
  }
}
