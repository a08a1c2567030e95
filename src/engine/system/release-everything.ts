import { removeNow } from '../containers/remove-container.ts'
import type { Core } from '../core/core.ts'

/** Takes away everything that the engine has made in the kernel, and its containers. Files are the caller's to delete. */
export async function releaseEverything(core: Core): Promise<void> {
  core.closing.abort()
  const removals = core.containers.all().map((container) => removeNow(core, container, { volumes: true }))
  for (const result of await Promise.allSettled(removals)) {
    if (result.status === 'rejected') core.log.error({ err: result.reason }, 'a container could not be removed')
  }
  for (const folder of [core.folders.roots, core.folders.mounts]) {
    for (const target of core.linux.overlays.mounted(folder)) core.linux.overlays.unmount(target)
  }
  for (const record of core.volumes.all()) {
    if (record.options?.device) core.linux.overlays.unmount(core.volumes.mountpoint(record.name))
  }
  for (const network of core.networks.all()) {
    if (network.record.bridge === '') continue
    await network.ready.catch(() => undefined)
    await core.linux.firewall.removeNetwork(network.record.bridge)
    await core.linux.network.removeBridge(network.record.bridge)
  }
  await core.background.settled()
}
