import type { Builder } from '../build/index.ts'
import { listContainers } from '../containers/list-containers.ts'
import type { Core } from '../core/core.ts'
import { listImages } from '../images/list-images.ts'
import { folderSize } from '../rootfs/folder-size.ts'
import type { DiskUsage, Volume } from '../shapes/index.ts'
import { volumeShape } from '../volumes/create-volume.ts'
import { volumeUsers } from '../volumes/volume-users.ts'

export interface DiskUsageParts {
  images?: boolean
  containers?: boolean
  volumes?: boolean
  buildCache?: boolean
}

async function volumesUsage(core: Core): Promise<Volume[]> {
  const list: Volume[] = []
  for (const record of core.volumes.all()) {
    // What another device holds is not ours to count.
    const Size = record.options ? -1 : await folderSize(core.volumes.mountpoint(record.name))
    list.push({
      ...volumeShape(core, record),
      UsageData: { Size, RefCount: volumeUsers(core, record.name).length },
    })
  }
  return list
}

/** `docker system df`. */
export async function diskUsage(core: Core, builder: Builder | undefined, parts: DiskUsageParts): Promise<DiskUsage> {
  const usage: DiskUsage = {}
  if (parts.images) {
    usage.Images = listImages(core, { sharedSize: true, containerCount: true })
    usage.LayersSize = (await core.content.usage()).layersSize
  }
  if (parts.containers) usage.Containers = await listContainers(core, { all: true, size: true })
  if (parts.volumes) usage.Volumes = await volumesUsage(core)
  if (parts.buildCache) usage.BuildCache = (await builder?.cacheRecords()) ?? []
  return usage
}
