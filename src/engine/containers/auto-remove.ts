import type { Core } from '../core/core.ts'
import { EngineError } from '../engine-error.ts'
import type { Container } from './container.ts'
import { removeNow } from './remove-container.ts'

/**
 * --rm: after the end, or after a failed start. Somebody else removing it meanwhile is as good.
 *
 * @param options.quietMs waiters are told so much later: who is about to be told of a failed start must not hear it twice
 */
export async function finishAutoRemove(
  core: Core,
  container: Container,
  options: { quietMs?: number } = {},
): Promise<void> {
  try {
    await removeNow(core, container, { volumes: true, ...options })
  } catch (error) {
    if (error instanceof EngineError && error.kind === 'conflict') return
    core.log.error({ err: error, container: container.id }, 'a container with --rm could not be removed')
  }
}
