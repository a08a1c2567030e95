import { Readable } from 'node:stream'
import { familiarString, type ImageConfig } from '../../oci/index.ts'
import type { EmitMessage } from '../contract.ts'
import type { Core } from '../core/core.ts'
import { timestamp } from '../core/timestamp.ts'
import { invalid } from '../engine-error.ts'
import type { ContainerConfig } from '../shapes/index.ts'
import { applyChanges } from './config-changes.ts'
import { imageEvent } from './image-event.ts'
import { hostArchitecture } from './platform-match.ts'
import { imageError } from './resolve-image.ts'
import { tagReference } from './tag-image.ts'

export interface ImportRequest {
  source: AsyncIterable<Uint8Array> | string
  repo?: string
  tag?: string
  message?: string
  changes?: string[]
  platform?: string
}

async function download(url: string, emit: EmitMessage, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const address = URL.canParse(url) ? new URL(url) : new URL(`http://${url}`)
  emit({ status: `Downloading from ${address.href}` })
  const response = await fetch(address, { ...(signal && { signal }) }).catch((error: Error) => {
    throw invalid(
      `Get ${JSON.stringify(address.href)}: ${(error.cause as Error | undefined)?.message ?? error.message}`,
      {
        cause: error,
      },
    )
  })
  if (!response.ok || !response.body) {
    throw invalid(`Got HTTP status code >= 400: ${response.status} ${response.statusText}`)
  }
  return Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0])
}

/** `docker import`. */
export async function importImage(
  core: Core,
  request: ImportRequest,
  emit: EmitMessage,
  signal?: AbortSignal,
): Promise<void> {
  const name = request.repo ? tagReference(request.repo, request.tag) : undefined
  const config: ContainerConfig = {}
  applyChanges(config, request.changes ?? [])
  const [os = 'linux', architecture = hostArchitecture, variant] = (request.platform || 'linux').split('/')
  const tar = typeof request.source === 'string' ? await download(request.source, emit, signal) : request.source
  const created = timestamp()
  const imageConfig: Omit<ImageConfig, 'rootfs'> = {
    created,
    architecture,
    ...(variant && { variant }),
    os,
    config: config as NonNullable<ImageConfig['config']>,
    history: [
      {
        created,
        comment: request.message || `Imported from ${typeof request.source === 'string' ? request.source : '-'}`,
      },
    ],
  }
  try {
    const image = await core.content.importRootfs(tar, imageConfig)
    if (name) await core.content.images.tag(image.id, name)
    imageEvent(core, image, 'import', name ? familiarString(name) : '')
    emit({ status: image.id })
  } catch (error) {
    throw imageError(error)
  }
}
