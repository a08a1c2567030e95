import { type Core, containerEvent } from '../core/core.ts'
import { parseSignal } from '../core/signals.ts'
import { EngineError } from '../engine-error.ts'
import { runContainer } from './start-container.ts'
import { type StopOptions, stopNow } from './stop-container.ts'

/** `docker restart`: a stopped one is started. --rm does not remove it in between. */
export async function restartContainer(core: Core, ref: string, options: StopOptions = {}): Promise<void> {
  const container = core.containers.get(ref)
  if (options.signal) parseSignal(options.signal)
  container.restarting = true
  try {
    await stopNow(core, container, options)
    using _held = await container.mutex.lock()
    if (!container.running) await runContainer(core, container)
  } catch (error) {
    const kind = error instanceof EngineError ? error.kind : 'system'
    throw new EngineError(kind, `Cannot restart container ${ref}: ${(error as Error).message}`, { cause: error })
  } finally {
    container.restarting = false
  }
  containerEvent(core, container, 'restart')
}
