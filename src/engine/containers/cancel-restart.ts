import type { Core } from '../core/core.ts'
import type { Container } from './container.ts'

/** To be called under the lock: a container that waits for its restart becomes a stopped one. */
export async function cancelRestart(core: Core, container: Container): Promise<void> {
  container.restartTimer?.abort()
  container.restartTimer = null
  if (container.record.state.status !== 'restarting') return
  container.record.state.status = 'exited'
  await core.containers.save(container)
  container.tellExit()
}
