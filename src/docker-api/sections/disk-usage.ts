import type { BuildCacheRecord, ContainerSummary, DiskUsage, Engine, ImageSummary, Volume } from '../../engine/index.ts'
import type { Call } from '../http/call.ts'
import { badRequest } from '../http/docker-error.ts'
import { type Route, route } from '../http/router.ts'

type Parts = { images: boolean; containers: boolean; volumes: boolean; buildCache: boolean }

const partNames: Record<string, keyof Parts> = {
  container: 'containers',
  image: 'images',
  volume: 'volumes',
  'build-cache': 'buildCache',
}

/** GET /system/df. */
export function diskUsageRoutes(engine: Engine): Route[] {
  return [
    route('GET', '/system/df', async (call) => {
      const usage = await engine.diskUsage(wantedParts(call))
      if (call.olderThan(52)) return call.json(200, legacyUsage(usage, call))
      // 1.52 answers in both shapes, unless the client shows by `verbose` that it knows the new one.
      const verbose = call.query.bool('verbose')
      call.json(200, { ...(verbose ? {} : legacyUsage(usage, call)), ...usageByType(usage, verbose) })
    }),
  ]
}

function wantedParts(call: Call): Parts {
  const all = call.olderThan(42) || !call.query.has('type')
  const parts: Parts = { images: all, containers: all, volumes: all, buildCache: all }
  if (all) return parts
  for (const type of call.query.all('type')) {
    const part = partNames[type]
    if (part === undefined) throw badRequest(`unknown object type: ${type}`)
    parts[part] = true
  }
  return parts
}

function legacyUsage(usage: DiskUsage, call: Call) {
  const images = call.olderThan(44) ? usage.Images?.map((each) => ({ ...each, VirtualSize: each.Size })) : usage.Images
  return { ...usage, Images: images }
}

function usageByType(usage: DiskUsage, verbose: boolean) {
  const items = <T>(list: readonly T[]) => (verbose && list.length > 0 ? { Items: list } : {})
  return {
    ImageUsage: usage.Images && { ...imageUsage(usage.Images, usage.LayersSize ?? 0), ...items(usage.Images) },
    ContainerUsage: usage.Containers && { ...containerUsage(usage.Containers), ...items(usage.Containers) },
    VolumeUsage: usage.Volumes && { ...volumeUsage(usage.Volumes), ...items(usage.Volumes) },
    BuildCacheUsage: usage.BuildCache && { ...cacheUsage(usage.BuildCache), ...items(usage.BuildCache) },
  }
}

const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + Math.max(size, 0), 0)

function imageUsage(images: readonly ImageSummary[], layersSize: number) {
  const unused = images.filter((each) => each.Containers === 0 && each.SharedSize >= 0)
  return {
    ActiveCount: images.filter((each) => each.Containers > 0).length,
    TotalCount: images.length,
    Reclaimable: sum(unused.map((each) => each.Size - each.SharedSize)),
    TotalSize: layersSize,
  }
}

function containerUsage(containers: readonly ContainerSummary[]) {
  const active = containers.filter((each) => ['running', 'paused', 'restarting'].includes(each.State))
  const size = (list: readonly ContainerSummary[]) => sum(list.map((each) => each.SizeRw ?? 0))
  return {
    ActiveCount: active.length,
    TotalCount: containers.length,
    Reclaimable: size(containers) - size(active),
    TotalSize: size(containers),
  }
}

function volumeUsage(volumes: readonly Volume[]) {
  const unused = volumes.filter((each) => each.UsageData !== undefined && each.UsageData.RefCount === 0)
  const size = (list: readonly Volume[]) => sum(list.map((each) => each.UsageData?.Size ?? 0))
  return {
    ActiveCount: volumes.length - unused.length,
    TotalCount: volumes.length,
    Reclaimable: size(unused),
    TotalSize: size(volumes),
  }
}

function cacheUsage(records: readonly BuildCacheRecord[]) {
  const unshared = records.filter((each) => !each.Shared)
  return {
    ActiveCount: records.filter((each) => each.InUse).length,
    TotalCount: records.length,
    Reclaimable: sum(unshared.filter((each) => !each.InUse).map((each) => each.Size)),
    TotalSize: sum(unshared.map((each) => each.Size)),
  }
}
