import { type Core, containerEvent } from '../core/core.ts'
import { conflict, system } from '../engine-error.ts'
import { notRunning } from './kill-container.ts'

/** `docker pause`. */
export async function pauseContainer(core: Core, ref: string): Promise<void> {
  const container = core.containers.get(ref)
  using _held = await container.mutex.lock()
  if (!container.running) throw notRunning(container)
  if (container.paused) throw conflict(`container ${container.id} is already paused`)
  if (container.record.state.status === 'restarting') {
    throw conflict(`Container ${container.id} is restarting, wait until the container is running`)
  }
  try {
    await core.linux.containers.pause(container.id)
  } catch (error) {
    throw system(`cannot pause container ${container.id}: ${(error as Error).message}`, { cause: error })
  }
  container.record.state.status = 'paused'
  await core.containers.save(container)
  containerEvent(core, container, 'pause')
}

/** `docker unpause`. */
export async function unpauseContainer(core: Core, ref: string): Promise<void> {
  const container = core.containers.get(ref)
  using _held = await container.mutex.lock()
  if (!container.paused) throw system(`Container ${container.id} is not paused`)
  try {
    await core.linux.containers.resume(container.id)
  } catch (error) {
    throw system(`Cannot unpause container ${container.id}: ${(error as Error).message}`, { cause: error })
  }
  container.record.state.status = 'running'
  await core.containers.save(container)
  containerEvent(core, container, 'unpause')
}
