import { familiarString, type ImageConfig, mediaTypes } from '../../oci/index.ts'
import { type Core, containerEvent } from '../core/core.ts'
import { timestamp } from '../core/timestamp.ts'
import { conflict } from '../engine-error.ts'
import { applyChanges } from '../images/config-changes.ts'
import { imageEvent } from '../images/image-event.ts'
import { hostArchitecture } from '../images/platform-match.ts'
import { tagReference } from '../images/tag-image.ts'
import type { CommitRequest, ContainerConfig } from '../shapes/index.ts'
import type { Container } from './container.ts'
import { mergeImageConfig } from './merge-config.ts'

function committedConfig(container: Container, request: CommitRequest): ContainerConfig {
  const base = container.record.config
  const config: ContainerConfig = structuredClone(request.config ?? base)
  applyChanges(config, request.changes ?? [])
  if (request.config) mergeImageConfig(config, base as Parameters<typeof mergeImageConfig>[1])
  return config
}

/** `docker commit`: what the container has written becomes a layer, its configuration an image's. */
export async function commitContainer(core: Core, request: CommitRequest): Promise<{ Id: string }> {
  const container = core.containers.get(request.container)
  if (container.record.state.status === 'dead') {
    throw conflict(`You cannot commit container ${container.id} which is Dead`)
  }
  if (container.removing) {
    throw conflict(`You cannot commit container ${container.id} which is being removed`)
  }
  const name = request.repo ? tagReference(request.repo, request.tag) : undefined
  const config = committedConfig(container, request)
  const pause = request.pause !== false && container.alive && !container.paused
  using _held = await container.mutex.lock()
  const { record } = container
  const { content } = core
  using lease = content.lease()
  if (pause) await core.linux.containers.pause(record.id)
  let packed: Awaited<ReturnType<typeof content.layers.packUpper>>
  try {
    packed = await content.layers.packUpper(core.roots.layer(record.id).upper, {
      ...(record.chainId !== null && { parent: record.chainId as NonNullable<typeof packed.layer.parent> }),
      adopt: false,
      lease,
    })
  } finally {
    if (pause) await core.linux.containers.resume(record.id)
  }
  const parent = record.imageId ? content.images.find(record.imageId) : undefined
  const created = timestamp()
  const imageConfig: ImageConfig = {
    created,
    ...(request.author && { author: request.author }),
    architecture: parent?.config.architecture ?? hostArchitecture,
    ...(parent?.config.variant && { variant: parent.config.variant }),
    os: 'linux',
    config: config as NonNullable<ImageConfig['config']>,
    rootfs: { type: 'layers', diff_ids: [...(parent?.diffIds ?? []), packed.layer.diffId] },
    history: [
      ...(parent?.config.history ?? []),
      {
        created,
        ...(request.author && { author: request.author }),
        created_by: [record.path, ...record.args].join(' '),
        ...(request.comment && { comment: request.comment }),
      },
    ],
    container: record.id,
    docker_version: '',
  }
  const blob = await content.blobs.put(JSON.stringify(imageConfig), { lease })
  const manifest = await content.blobs.put(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: mediaTypes.ociConfig, digest: blob.digest, size: blob.size },
      layers: [...(parent?.layers ?? []), packed.descriptor],
    }),
    { lease },
  )
  const image = await content.images.add({
    manifest: manifest.digest,
    ...(name && { names: [name] }),
    ...(parent && { parent: parent.id }),
  })
  if (name) imageEvent(core, image, 'tag', familiarString(name))
  containerEvent(core, container, 'commit', {
    comment: request.comment ?? '',
    imageID: image.id,
    imageRef: name ? familiarString(name) : '',
  })
  return { Id: image.id }
}
