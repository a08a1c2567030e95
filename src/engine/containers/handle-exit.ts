import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContainerExit } from '../../linux/index.ts'
import { type Core, containerEvent } from '../core/core.ts'
import { millisecondsOf, timestamp } from '../core/timestamp.ts'
import { unmountImages } from '../mounts/spec-mounts.ts'
import { stopNetworking } from '../networks/stop-networking.ts'
import { finishAutoRemove } from './auto-remove.ts'
import type { Container } from './container.ts'
import { wantsRestart } from './restart-policy.ts'
import { scheduleRestart } from './schedule-restart.ts'
import { volumeEvents } from './volume-events.ts'

/** The end of a container's process, however it came. */
export async function handleExit(core: Core, exit: ContainerExit): Promise<void> {
  const container = core.containers.byId(exit.id)
  if (!container) return
  let remove = false
  {
    using _held = await container.mutex.lock()
    if (!container.alive) return
    remove = await recordExit(core, container, exit)
  }
  if (remove) await finishAutoRemove(core, container)
}

/** To be called under the lock. Whether --rm is to remove it now. */
export async function recordExit(core: Core, container: Container, exit: ContainerExit): Promise<boolean> {
  const { record } = container
  const { state } = record
  if (exit.oomKilled && !state.oomKilled) {
    state.oomKilled = true
    containerEvent(core, container, 'oom')
  }
  container.health?.[Symbol.dispose]()
  container.health = null
  const ranMs = Math.max(exit.finishedAt.getTime() - millisecondsOf(state.startedAt), 0)
  const restart = wantsRestart(core, container, exit.exitCode, ranMs)
  Object.assign(state, {
    exitCode: exit.exitCode,
    finishedAt: timestamp(exit.finishedAt),
    pid: 0,
    status: restart ? 'restarting' : 'exited',
  })
  const remove = !restart && !container.restarting && record.hostConfig.AutoRemove === true
  container.execIds.clear()
  await stopNetworking(core, container)
  unmountImages(core, container)
  volumeEvents(core, container, 'unmount')
  container.root?.[Symbol.dispose]()
  container.root = null
  if (restart) record.restartCount += 1
  const saved = remove ? Promise.resolve() : core.containers.save(container)
  // The runtime's own record of the end goes only when ours is on disk.
  container.deleting = saved
    .then(() => core.linux.containers.delete(record.id))
    .then(() => rm(join(core.folders.bundles, record.id), { recursive: true, force: true }))
    .catch((error: unknown) =>
      core.log.error({ err: error, container: record.id }, 'cleaning up after a container has failed'),
    )
  core.background.run('the end of a container', () => container.deleting)
  containerEvent(core, container, 'die', {
    execDuration: String(Math.floor(ranMs / 1000)),
    exitCode: String(exit.exitCode),
  })
  if (!remove) await saved
  container.tellExit()
  if (restart) scheduleRestart(core, container)
  return remove
}
