import type { Container } from '../containers/container.ts'
import { type Core, containerEvent } from '../core/core.ts'
import { millisecondsOf } from '../core/timestamp.ts'
import type { Health, HealthResult } from '../shapes/index.ts'
import { probe, probeCommand } from './probe.ts'

const seconds = 1_000_000_000
const defaults = { intervalNs: 30 * seconds, timeoutNs: 30 * seconds, startIntervalNs: 5 * seconds, retries: 3 }
const keptResults = 5

/** Starts the checks of a container that has begun to run. Without a check, nothing. */
export function startHealthMonitor(core: Core, container: Container): void {
  const command = probeCommand(container)
  container.health?.[Symbol.dispose]()
  container.health = null
  if (command) watch(core, container, command)
}

/** What a container with a check starts with. */
export function freshHealth(container: Container): Health | null {
  return probeCommand(container) ? { Status: 'starting', FailingStreak: 0, Log: [] } : null
}

/** Goes on with the checks of a container that an earlier process has started. */
export function resumeHealthMonitor(core: Core, container: Container): void {
  const command = probeCommand(container)
  if (command) watch(core, container, command)
}

function watch(core: Core, container: Container, command: string[]): void {
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, core.closing.signal])
  container.health = { [Symbol.dispose]: () => stop.abort() }
  core.background.run('health checks', () => loop(core, container, command, signal))
}

async function loop(core: Core, container: Container, command: string[], signal: AbortSignal): Promise<void> {
  const { config, state } = container.record
  const check = config.Healthcheck ?? {}
  const startPeriodMs = (check.StartPeriod ?? 0) / 1e6
  const startedMs = millisecondsOf(state.startedAt)
  for (;;) {
    const starting = state.health?.Status === 'starting' && core.clock.now().getTime() - startedMs < startPeriodMs
    const intervalNs = starting
      ? check.StartInterval || defaults.startIntervalNs
      : check.Interval || defaults.intervalNs
    try {
      await core.clock.sleep(intervalNs / 1e6, signal)
    } catch {
      return
    }
    if (container.paused) continue
    const result = await probe(core, container, command, check.Timeout || defaults.timeoutNs)
    if (signal.aborted) return
    using _held = await container.mutex.lock()
    if (signal.aborted || !container.alive) return
    judge(core, container, result, startedMs + startPeriodMs)
    await core.containers.save(container)
  }
}

/** What a result makes of the container's health. */
function judge(core: Core, container: Container, result: HealthResult, startPeriodEndMs: number): void {
  const { health } = container.record.state
  if (!health) return
  const before = health.Status
  health.Log = [...health.Log, result].slice(-keptResults)
  if (result.ExitCode === 0) {
    health.FailingStreak = 0
    health.Status = 'healthy'
  } else if (health.Status !== 'starting' || millisecondsOf(result.Start) >= startPeriodEndMs) {
    health.FailingStreak += 1
    const retries = container.record.config.Healthcheck?.Retries || defaults.retries
    if (health.FailingStreak >= retries) health.Status = 'unhealthy'
  }
  if (health.Status !== before) containerEvent(core, container, `health_status: ${health.Status}`)
}
