import type { Core } from '../core/core.ts'
import { EngineError } from '../engine-error.ts'
import type { Container } from './container.ts'
import { removeNow } from './remove-container.ts'

/** --rm: after the end, or after a failed start. Somebody else removing it meanwhile is as good. */
export async function finishAutoRemove(core: Core, container: Container): Promise<void> {
  try {
    await removeNow(core, container, { volumes: true })
  } catch (error) {
    if (error instanceof EngineError && error.kind === 'conflict') return
    core.log.error({ err: error, container: container.id }, 'a container with --rm could not be removed')
  }
}
