import type { Core } from '../core/core.ts'
import type { Container } from './container.ts'

const firstDelayMs = 100
const longestDelayMs = 60_000
/** Having run so long, it starts again without a growing delay. */
const goodRunMs = 10_000

/** Whether the policy brings it back. Makes the next delay ready. */
export function wantsRestart(core: Core, container: Container, exitCode: number, ranMs: number): boolean {
  const { record } = container
  if (ranMs >= goodRunMs) container.restartDelayMs = 0
  container.restartDelayMs =
    container.restartDelayMs === 0 ? firstDelayMs : Math.min(container.restartDelayMs * 2, longestDelayMs)
  if (record.manuallyStopped || container.restarting || container.removing || core.closing.signal.aborted) return false
  const { Name = 'no', MaximumRetryCount = 0 } = record.hostConfig.RestartPolicy ?? {}
  if (Name === 'always' || Name === 'unless-stopped') return true
  return Name === 'on-failure' && exitCode !== 0 && (MaximumRetryCount === 0 || record.restartCount < MaximumRetryCount)
}
