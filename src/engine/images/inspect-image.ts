import type { Image } from '../../oci/index.ts'
import type { Core } from '../core/core.ts'
import { timestamp } from '../core/timestamp.ts'
import { notFound } from '../engine-error.ts'
import type { ImageInspect } from '../shapes/index.ts'
import { imageSize } from './image-size.ts'
import { platformMismatch } from './platform-match.ts'
import { resolveImage } from './resolve-image.ts'

export function manifestSummary(core: Core, image: Image): object {
  const content = [image.configDescriptor, ...image.layers].reduce(
    (total, { size }) => total + size,
    image.manifest.size,
  )
  const unpacked = imageSize(core, image)
  return {
    ID: image.manifest.digest,
    Descriptor: { ...image.manifest, platform: image.platform },
    Available: true,
    Size: { Content: content, Total: content + unpacked },
    Kind: 'image',
    ImageData: {
      Platform: image.platform,
      Size: { Unpacked: unpacked },
      Containers: core.containers
        .all()
        .filter(({ record }) => record.imageId === image.id)
        .map(({ id }) => id),
    },
  }
}

/** `docker image inspect`. */
export function inspectImage(
  core: Core,
  ref: string,
  options: { manifests?: boolean; platform?: string } = {},
): ImageInspect {
  const image = resolveImage(core, ref)
  const mismatch = options.platform ? platformMismatch(image.platform, options.platform) : undefined
  if (mismatch) {
    throw notFound(
      `image with reference ${ref} was found but its platform (${mismatch.actual}) does not match the specified platform (${mismatch.wanted})`,
    )
  }
  const { config } = image
  const lowerdirs = [...core.content.layers.lowerdirs(image.chainId)]
  const [upper, ...lower] = lowerdirs
  return {
    Id: image.id,
    RepoTags: [...image.tags],
    RepoDigests: [...image.repoDigests],
    Parent: image.parent ?? '',
    Comment: config.history?.at(-1)?.comment ?? '',
    Created: config.created ?? '',
    DockerVersion: config.docker_version ?? '',
    Author: config.author ?? '',
    Config: config.config ?? null,
    Architecture: config.architecture,
    ...(config.variant && { Variant: config.variant }),
    Os: config.os,
    ...(config['os.version'] && { OsVersion: config['os.version'] }),
    Size: imageSize(core, image),
    GraphDriver: {
      Name: 'overlay2',
      Data: upper === undefined ? null : { ...(lower.length > 0 && { LowerDir: lower.join(':') }), UpperDir: upper },
    },
    RootFS: { Type: 'layers', ...(image.diffIds.length > 0 && { Layers: [...image.diffIds] }) },
    Metadata: { LastTagTime: timestamp(image.taggedAt) },
    ...(options.manifests && { Manifests: [manifestSummary(core, image)] }),
    Descriptor: { ...image.manifest, platform: image.platform },
  }
}
