import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { FoundContainer } from '../linux/index.ts'
import { finishAutoRemove } from './containers/auto-remove.ts'
import type { Container } from './containers/container.ts'
import { recordExit } from './containers/handle-exit.ts'
import { removeNow } from './containers/remove-container.ts'
import { scheduleRestart } from './containers/schedule-restart.ts'
import { runContainer } from './containers/start-container.ts'
import type { Core } from './core/core.ts'
import { timestamp } from './core/timestamp.ts'
import { resumeHealthMonitor } from './health/health-monitor.ts'
import { adoptSandbox } from './networks/adopt-sandbox.ts'

// What Docker gives a container whose end nobody has seen.
const lostExitCode = 255

/** Brings what is in memory in line with what an earlier process has left in the kernel and on disk. */
export async function recover(core: Core, found: readonly FoundContainer[]): Promise<void> {
  const byId = new Map(found.map((entry) => [entry.id, entry]))
  const containers = core.containers.all()
  const ended: [Container, FoundContainer | undefined][] = []
  for (const container of containers) {
    const entry = byId.get(container.id)
    if (!container.alive) {
      // Half-made: created in the kernel, never acknowledged.
      if (entry) container.deleting = core.linux.containers.delete(container.id)
      continue
    }
    if (entry?.pid && entry.state !== 'created' && entry.state !== 'stopped') adopt(core, container, entry)
    else ended.push([container, entry])
  }
  sweep(core, found)
  await core.linux.firewall.reconcile(
    core.networks.all().flatMap((network) => (network.record.bridge ? [network.firewall()] : [])),
    core.sandboxes.all().flatMap(({ published }) => published),
  )
  for (const [container, entry] of ended) await settle(core, container, entry)
}

function adopt(core: Core, container: Container, entry: FoundContainer): void {
  const { state } = container.record
  state.pid = entry.pid ?? 0
  state.status = entry.state === 'paused' ? 'paused' : 'running'
  container.ended = Promise.withResolvers()
  container.root = core.roots.hold(container)
  adoptSandbox(core, container)
  resumeHealthMonitor(core, container)
}

/** It ran when the engine went, and runs no more. */
async function settle(core: Core, container: Container, entry: FoundContainer | undefined): Promise<void> {
  using _held = await container.mutex.lock()
  adoptSandbox(core, container)
  // A machine that was shut down has not stopped its containers: their policies apply.
  const exit = entry?.exit ?? {
    id: container.id,
    exitCode: lostExitCode,
    finishedAt: core.clock.now(),
    oomKilled: false,
  }
  container.root = { [Symbol.dispose]: () => core.roots.unmount(container.id) }
  if (await recordExit(core, container, exit)) {
    core.background.run('removing a container with --rm', () => finishAutoRemove(core, container))
  }
}

/** What belongs to no container any more. */
function sweep(core: Core, found: readonly FoundContainer[]): void {
  for (const entry of found) {
    if (core.containers.byId(entry.id) || !entry.bundleDir.startsWith(core.folders.bundles)) continue
    core.background.run('removing a lost container', () => core.linux.containers.delete(entry.id))
  }
  for (const folder of [core.folders.layers, core.folders.containers, core.folders.bundles]) {
    for (const id of readdirSync(folder)) {
      if (core.containers.byId(id)) continue
      if (folder === core.folders.layers) core.roots.unmount(id)
      core.background.run('removing what a lost container has left', () => core.trash.throw(join(folder, id)))
    }
  }
  for (const name of core.linux.network.namespaces()) {
    if (!core.sandboxes.get(name)) core.linux.network.dropNamespace(name)
  }
  for (const target of core.linux.overlays.mounted(core.folders.roots)) {
    const container = core.containers.byId(target.slice(core.folders.roots.length + 1))
    if (!container?.alive) core.linux.overlays.unmount(target)
  }
}

/** Whether a stopped container comes back when the engine starts. */
function comesBack(container: Container): boolean {
  const { hostConfig, manuallyStopped, state, startedBefore, restartCount } = container.record
  const { Name = 'no', MaximumRetryCount = 0 } = hostConfig.RestartPolicy ?? {}
  if (container.alive || !startedBefore || container.removing) return false
  if (Name === 'always') return true
  if (Name === 'unless-stopped') return !manuallyStopped
  return (
    Name === 'on-failure' &&
    !manuallyStopped &&
    state.exitCode !== 0 &&
    (MaximumRetryCount === 0 || restartCount < MaximumRetryCount)
  )
}

/** Restart policies, half-done removals, --rm of containers that have ended unseen. After everything else is in place. */
export function applyPolicies(core: Core): void {
  for (const container of core.containers.all()) {
    const { record } = container
    if (container.alive) continue
    if (record.state.status === 'dead') {
      core.background.run('finishing a removal', () => removeNow(core, container, { volumes: true }))
    } else if (record.hostConfig.AutoRemove && record.startedBefore) {
      core.background.run('removing a container with --rm', () => finishAutoRemove(core, container))
    } else if (record.state.status === 'restarting' && !container.restartTimer) {
      scheduleRestart(core, container)
    } else if (comesBack(container) && record.state.status !== 'restarting') {
      core.background.run('a restart after a reboot', () => restart(core, container))
    }
  }
}

async function restart(core: Core, container: Container): Promise<void> {
  using _held = await container.mutex.lock()
  if (container.running || container.removing || container.removed) return
  try {
    await runContainer(core, container)
  } catch (error) {
    core.log.warn({ err: error, container: container.id, at: timestamp() }, 'a container could not be started again')
  }
}
