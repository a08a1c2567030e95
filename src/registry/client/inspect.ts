import { decodeIndex, decodeManifest, isIndexMediaType, type NamedReference, type Platform } from '../../oci/index.ts'
import type { DistributionInspect } from '../contract.ts'
import type { RegistrySession } from './registry-session.ts'
import { fetchManifest } from './remote-manifest.ts'
import { readSmall } from './transport.ts'

/** `GET /distribution/{name}/json`: digest and platforms, with nothing stored here. */
export async function inspectRemote(session: RegistrySession, reference: NamedReference): Promise<DistributionInspect> {
  const { path } = reference
  const target = await fetchManifest(session, path, reference.digest ?? reference.tag ?? 'latest')
  if (isIndexMediaType(target.descriptor.mediaType)) {
    const { manifests } = decodeIndex(target.bytes)
    return {
      descriptor: target.descriptor,
      platforms: manifests.flatMap(({ platform }) => (platform ? [platform] : [])),
    }
  }
  const { config } = decodeManifest(target.bytes)
  const response = await session.request({ method: 'GET', path: `/v2/${path}/blobs/${config.digest}`, expect: [200] })
  const platform = platformOf(JSON.parse((await readSmall(response)).toString('utf8')))
  return { descriptor: target.descriptor, platforms: platform ? [platform] : [] }
}

function platformOf(config: unknown): Platform | undefined {
  const { os, architecture, variant } = (config ?? {}) as Record<string, unknown>
  if (typeof os !== 'string' || typeof architecture !== 'string') return undefined
  return { os, architecture, ...(typeof variant === 'string' && variant !== '' ? { variant } : {}) }
}

/** All tags of a repository, page by page. */
export async function listTags(session: RegistrySession, path: string): Promise<string[]> {
  const tags: string[] = []
  let next: string | URL | undefined = `/v2/${path}/tags/list`
  for (const seen = new Set<string>(); next !== undefined && !seen.has(session.url(next).href); ) {
    seen.add(session.url(next).href)
    const response = await session.request({ method: 'GET', path: next, expect: [200] })
    const body = JSON.parse((await readSmall(response)).toString('utf8')) as { tags?: unknown } | null
    if (Array.isArray(body?.tags)) tags.push(...body.tags.filter((tag): tag is string => typeof tag === 'string'))
    const link: string | undefined = /<([^>]+)>\s*;\s*rel="?next"?/.exec(String(response.headers.link ?? ''))?.[1]
    next = link === undefined ? undefined : new URL(link, session.url(next))
  }
  return tags
}
