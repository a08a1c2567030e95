import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Container } from '../containers/container.ts'
import type { Core } from '../core/core.ts'
import { mountDevice } from '../mounts/kernel-mount.ts'
import { mountVolume } from '../volumes/mount-volume.ts'
import { resolveInRoot } from './scoped-path.ts'

export interface ContainerTree extends AsyncDisposable {
  /** A folder in which everything is where the container sees it. */
  readonly path: string
}

/**
 * A container's files as it sees them, its volumes and binds included. Of a running one this is its own view; a stopped
 * one is put together, and cannot be started until the tree is disposed.
 */
export async function containerTree(core: Core, container: Container): Promise<ContainerTree> {
  const lock = await container.mutex.lock()
  try {
    const view = container.alive ? core.linux.containers.rootView(container.id) : null
    if (view !== null) {
      lock[Symbol.dispose]()
      return { path: view, [Symbol.asyncDispose]: async () => undefined }
    }
    const root = core.roots.hold(container)
    const mounted: string[] = []
    const close = () => {
      for (const target of mounted.reverse()) core.linux.overlays.unmount(target)
      root[Symbol.dispose]()
      lock[Symbol.dispose]()
    }
    try {
      await bindMounts(core, container, root.path, mounted)
    } catch (error) {
      close()
      throw error
    }
    return { path: root.path, [Symbol.asyncDispose]: async () => close() }
  } catch (error) {
    lock[Symbol.dispose]()
    throw error
  }
}

const depth = (path: string) => path.split('/').length

async function bindMounts(core: Core, container: Container, root: string, mounted: string[]): Promise<void> {
  const mounts = container.record.mounts.toSorted((a, b) => depth(a.Destination) - depth(b.Destination))
  for (const mount of mounts) {
    if (mount.Type !== 'bind' && mount.Type !== 'volume') continue
    const source = mount.Type === 'volume' ? await mountVolume(core, mount.Name ?? '') : mount.Source
    const stat = statSync(source, { throwIfNoEntry: false })
    if (!stat) continue
    const target = resolveInRoot(root, mount.Destination)
    if (!statSync(target, { throwIfNoEntry: false })) {
      mkdirSync(stat.isDirectory() ? target : dirname(target), { recursive: true })
      if (!stat.isDirectory()) writeFileSync(target, '')
    }
    await mountDevice('', source, mount.RW ? 'bind' : 'bind,ro', target)
    mounted.push(target)
  }
}
