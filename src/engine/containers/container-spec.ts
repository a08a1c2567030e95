import type { OciSpec } from '../../linux/index.ts'
import type { Core } from '../core/core.ts'
import { conflict, EngineError, system } from '../engine-error.ts'
import type { NetworkPlan } from '../networks/start-networking.ts'
import { containerEnvironment, makeSpec, type NamespaceChoice, resolveUser, type SpecMount } from '../spec/index.ts'
import type { Container } from './container.ts'
import { initInContainer, initMount } from './init-program.ts'

function processOf(core: Core, container: Container, ref: string, kind: 'ipc' | 'pid'): Container {
  const other = core.containers.find(ref)
  const words = kind === 'ipc' ? 'failed to join IPC namespace' : 'failed to join PID namespace'
  if (!other) throw system(`${words}: No such container: ${ref}`)
  if (other.id === container.id) throw system(`${words}: cannot join own ${kind.toUpperCase()} namespace`)
  if (!other.alive) {
    throw conflict(
      `${words}: cannot join namespace of a non running container: container ${other.record.name} is ${other.status}`,
    )
  }
  const ipc = other.record.hostConfig.IpcMode ?? 'private'
  if (kind === 'ipc' && ipc !== 'shareable' && ipc !== 'host' && !ipc.startsWith('container:')) {
    throw system(`${words}: container ${ref}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`)
  }
  return other
}

function namespaceChoice(core: Core, container: Container, kind: 'ipc' | 'pid', mode: string): NamespaceChoice {
  if (mode === 'host') return 'host'
  if (!mode.startsWith('container:')) return 'new'
  const other = processOf(core, container, mode.slice('container:'.length), kind)
  return { path: `/proc/${other.record.state.pid}/ns/${kind}` }
}

/** The runtime specification of a container that is about to start. Its root is mounted. */
export function containerSpec(
  core: Core,
  container: Container,
  plan: NetworkPlan,
  mounts: readonly SpecMount[],
): OciSpec {
  const { record } = container
  const { config, hostConfig } = record
  const rootfs = core.roots.path(record.id)
  const pid = namespaceChoice(core, container, 'pid', hostConfig.PidMode ?? '')
  const init = hostConfig.Init === true && pid === 'new'
  try {
    return makeSpec({
      rootfs,
      hostname: config.Hostname ?? '',
      domainname: config.Domainname ?? '',
      args: init ? [initInContainer, '--', record.path, ...record.args] : [record.path, ...record.args],
      env: containerEnvironment({
        hostname: config.Hostname ?? '',
        terminal: config.Tty ?? false,
        own: config.Env ?? [],
        linked: plan.linkEnvironment,
      }),
      cwd: config.WorkingDir || '/',
      user: resolveUser(config.User ?? '', rootfs, hostConfig.GroupAdd ?? []),
      terminal: config.Tty ?? false,
      ...(hostConfig.ConsoleSize && { consoleSize: hostConfig.ConsoleSize }),
      hostConfig,
      mounts: [...mounts, ...(init ? [initMount(core)] : []), ...sharedMemory(hostConfig.IpcMode ?? '', mounts)],
      namespaces: {
        network: plan.namespace,
        pid,
        ipc: namespaceChoice(core, container, 'ipc', hostConfig.IpcMode ?? ''),
        uts: hostConfig.UTSMode === 'host' ? 'host' : 'new',
        cgroup: hostConfig.CgroupnsMode === 'private' ? 'new' : 'host',
      },
    })
  } catch (error) {
    // What the specification cannot be made of is, as in Docker, no fault of the request to start.
    if (error instanceof EngineError && error.kind === 'invalid') throw system(error.message, { cause: error })
    throw error
  }
}

/** The host's /dev/shm where IPC is the host's. */
function sharedMemory(ipcMode: string, mounts: readonly SpecMount[]): SpecMount[] {
  if (ipcMode !== 'host' || mounts.some((mount) => mount.destination === '/dev/shm')) return []
  return [{ type: 'bind', source: '/dev/shm', destination: '/dev/shm', writable: true, propagation: 'rprivate' }]
}
