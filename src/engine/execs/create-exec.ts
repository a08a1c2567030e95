import type { Container } from '../containers/container.ts'
import { parseDetachKeys } from '../containers/detach-keys.ts'
import { notRunning } from '../containers/kill-container.ts'
import { type Core, containerEvent } from '../core/core.ts'
import { newId } from '../core/identifier.ts'
import { conflict, invalid } from '../engine-error.ts'
import type { ExecConfig } from '../shapes/index.ts'
import { resolveUser } from '../spec/index.ts'
import { execEnvironment } from './exec-process.ts'

/** @throws Docker's sentences for a container that cannot run anything now */
export function refuseInactive(container: Container, ref: string): void {
  if (!container.running) throw notRunning(container)
  if (container.paused) throw conflict(`Container ${ref} is paused, unpause the container before exec`)
  if (container.record.state.status === 'restarting') {
    throw conflict(`Container ${container.id} is restarting, wait until the container is running`)
  }
}

export const commandLine = (config: ExecConfig) => {
  const [program = '', ...args] = config.Cmd ?? []
  return `${program} ${args.join(' ')}`
}

/** `docker exec`'s first half: checked and remembered, not yet run. */
export async function createExec(core: Core, ref: string, config: ExecConfig): Promise<{ Id: string }> {
  if (!config.Cmd?.length) throw invalid('No exec command specified')
  const container = core.containers.get(ref)
  refuseInactive(container, ref)
  if (config.User) resolveUser(config.User, core.roots.path(container.id), container.record.hostConfig.GroupAdd ?? [])
  const id = newId()
  core.execs.add({
    id,
    containerId: container.id,
    config: structuredClone(config),
    user: config.User || container.record.config.User || '',
    workingDir: config.WorkingDir || container.record.config.WorkingDir || '/',
    env: execEnvironment(container, config.Tty ?? false, config.Env ?? []),
    detachKeys: config.AttachStdin ? parseDetachKeys(config.DetachKeys) : null,
    running: false,
    exitCode: null,
    process: null,
    endedAt: null,
  })
  container.execIds.add(id)
  containerEvent(core, container, `exec_create: ${commandLine(config)}`, { execID: id })
  return { Id: id }
}
