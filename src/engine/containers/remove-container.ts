import { join } from 'node:path'
import { type Core, containerEvent } from '../core/core.ts'
import { conflict, EngineError, invalid, system } from '../engine-error.ts'
import { removeContainerEndpoints } from '../networks/container-endpoints.ts'
import { cancelRestart } from './cancel-restart.ts'
import type { Container } from './container.ts'
import { killAndWait } from './kill-container.ts'
import { removeAnonymousVolumes } from './remove-volumes.ts'

export interface RemoveOptions {
  force?: boolean
  volumes?: boolean
  link?: boolean
  quietMs?: number
}

/** `docker rm`. */
export async function removeContainer(core: Core, ref: string, options: RemoveOptions = {}): Promise<void> {
  const container = core.containers.get(ref)
  if (options.link) {
    await removeLink(core, container, ref)
    return
  }
  if (container.removing) throw conflict(`removal of container ${ref} is already in progress`)
  if (container.running) {
    if (!options.force) {
      throw conflict(
        `cannot remove container ${JSON.stringify(ref)}: ${
          container.paused
            ? 'container is paused and must be unpaused first'
            : `container is ${container.status}: stop the container before removing or force remove`
        }`,
      )
    }
  }
  try {
    await removeNow(core, container, options)
  } catch (error) {
    if (error instanceof EngineError && error.message.startsWith('removal of container')) throw error
    const kind = error instanceof EngineError ? error.kind : 'system'
    throw new EngineError(kind, `cannot remove container ${JSON.stringify(ref)}: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

/** Kills it where it runs, and takes everything of it away. Files are deleted after the answer. */
export async function removeNow(core: Core, container: Container, options: RemoveOptions): Promise<void> {
  if (container.removing || container.removed) {
    throw conflict(`removal of container ${container.id} is already in progress`)
  }
  container.removing = true
  try {
    if (container.alive) {
      try {
        await killAndWait(core, container)
      } catch (error) {
        throw system(`could not kill container: ${(error as Error).message}`, { cause: error })
      }
    }
    {
      using _held = await container.mutex.lock()
      await cancelRestart(core, container)
      const { id } = container
      await core.containers.delete(container)
      removeContainerEndpoints(core, container)
      core.causes.forget(id)
      core.execs.forget(id)
      for (const stream of container.streams) stream.end()
      if (options.volumes) await removeAnonymousVolumes(core, container)
      await Promise.all([core.roots.remove(id), core.trash.throw(join(core.folders.containers, id))])
    }
  } catch (error) {
    container.removing = false
    throw error
  }
  containerEvent(core, container, 'destroy')
  if (options.quietMs) setTimeout(() => container.tellRemoved(), options.quietMs).unref()
  else container.tellRemoved()
}

async function removeLink(core: Core, target: Container, ref: string): Promise<void> {
  const [parent = '', alias = ''] = ref.replace(/^\//, '').split('/', 2)
  if (alias === '') throw invalid('Conflict, cannot remove the default link name of the container')
  const holder = core.containers.byName(parent)
  if (!holder) throw system(`Cannot get parent /${parent} for link name /${parent}/${alias}`)
  const { hostConfig } = holder.record
  hostConfig.Links = (hostConfig.Links ?? []).filter((text) => {
    const [name = '', as = name] = text.split(':')
    return !(as === alias && core.containers.find(name)?.id === target.id)
  })
  await core.containers.save(holder)
}
