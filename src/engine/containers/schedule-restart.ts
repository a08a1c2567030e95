import type { Core } from '../core/core.ts'
import { finishAutoRemove } from './auto-remove.ts'
import type { Container } from './container.ts'
import { runContainer } from './start-container.ts'

/** Brings it back after its delay, unless somebody stops it before. */
export function scheduleRestart(core: Core, container: Container): void {
  const timer = new AbortController()
  container.restartTimer = timer
  const signal = AbortSignal.any([timer.signal, core.closing.signal])
  core.clock.sleep(container.restartDelayMs, signal).then(
    () => core.background.run('a restart', () => restartNow(core, container, timer)),
    () => undefined,
  )
}

async function restartNow(core: Core, container: Container, timer: AbortController): Promise<void> {
  let failed = false
  {
    using _held = await container.mutex.lock()
    if (container.restartTimer !== timer || container.record.state.status !== 'restarting') return
    container.restartTimer = null
    try {
      await runContainer(core, container)
    } catch (error) {
      failed = true
      container.record.state.status = 'exited'
      await core.containers.save(container)
      core.log.debug({ err: error, container: container.id }, 'a restart has failed')
    }
  }
  if (failed && container.record.hostConfig.AutoRemove) await finishAutoRemove(core, container)
}
