import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Core, containerEvent } from '../core/core.ts'
import { never, timestamp } from '../core/timestamp.ts'
import { conflict, EngineError, notModified } from '../engine-error.ts'
import { freshHealth, startHealthMonitor } from '../health/health-monitor.ts'
import { makeWorkingDirectory } from '../mounts/container-volumes.ts'
import { specMounts, unmountImages } from '../mounts/spec-mounts.ts'
import { portBlamed } from '../networks/publish-ports.ts'
import { networkingFailure, prepareNetworking } from '../networks/start-networking.ts'
import { stopNetworking } from '../networks/stop-networking.ts'
import { finishAutoRemove } from './auto-remove.ts'
import type { Container } from './container.ts'
import { containerSpec } from './container-spec.ts'
import { logLimitBytes } from './log-config.ts'
import { logPath } from './log-path.ts'
import { type StartFailure, startFailure } from './runtime-error.ts'
import { validateHostConfig } from './validate-host-config.ts'
import { volumeEvents } from './volume-events.ts'

function refuse(container: Container): void {
  if (container.paused) throw conflict('cannot start a paused container, try unpause instead')
  if (container.removing || container.record.state.status === 'dead') {
    throw conflict('container is marked for removal and cannot be started')
  }
}

/** `docker start`. @throws notModified where it runs already */
export async function startContainer(core: Core, ref: string): Promise<void> {
  const container = core.containers.get(ref)
  refuse(container)
  if (container.running) throw notModified('container is already running')
  validateHostConfig(container.record.hostConfig)
  let failure: unknown
  {
    using _held = await container.mutex.lock()
    if (container.running) return
    refuse(container)
    try {
      container.record.restartCount = 0
      container.restartDelayMs = 0
      await runContainer(core, container)
    } catch (error) {
      failure = error
    }
  }
  if (failure === undefined) return
  if (container.record.hostConfig.AutoRemove) await finishAutoRemove(core, container, { quietMs: 100 })
  throw failure
}

/** Brings a container to life. To be called under its lock; a failure leaves it as it was, with the reason. */
export async function runContainer(core: Core, container: Container): Promise<void> {
  const { record } = container
  record.manuallyStopped = false
  await container.deleting
  let started = false
  let failure: StartFailure | undefined
  try {
    container.root = core.roots.hold(container)
    makeWorkingDirectory(core.roots.path(record.id), record.config.WorkingDir ?? '')
    const plan = await prepareNetworking(core, container)
    const bundleDir = join(core.folders.bundles, record.id)
    mkdirSync(bundleDir, { recursive: true, mode: 0o711 })
    mkdirSync(join(core.folders.containers, record.id), { recursive: true, mode: 0o710 })
    const mounts = await specMounts(core, container, plan.files)
    const spec = containerSpec(core, container, plan, mounts)
    const limit = logLimitBytes(record.hostConfig.LogConfig)
    const creating = core.linux.containers.create({
      id: record.id,
      bundleDir,
      spec,
      logPath: logPath(core, container),
      ...(limit !== undefined && { logSizeMaxBytes: limit }),
      terminal: record.config.Tty ?? false,
      stdin: record.config.OpenStdin ? (record.config.StdinOnce ? 'once' : 'open') : 'none',
      ...(record.hostConfig.CgroupParent && { cgroupParent: record.hostConfig.CgroupParent }),
    })
    started = true
    const [created, connected] = await Promise.allSettled([creating, plan.connect()])
    if (created.status === 'rejected') {
      failure = startFailure(created.reason, record.path)
      throw failure.error
    }
    if (connected.status === 'rejected') throw connected.reason
    for (const sentence of created.value.adjustments) core.log.debug({ container: record.id }, sentence)
    Object.assign(record.state, {
      status: 'running',
      pid: created.value.pid,
      exitCode: 0,
      error: '',
      oomKilled: false,
      startedAt: timestamp(),
      health: freshHealth(container),
    })
    record.bootId = core.host.bootId
    record.startedBefore = true
    // Durable by the time of the answer, written while the runtime works.
    const saved = core.containers.save(container)
    container.ended = Promise.withResolvers()
    try {
      await Promise.all([...container.streams].map((stream) => stream.join()))
      await core.linux.containers.start(record.id)
    } catch (error) {
      await saved
      failure = startFailure(error, record.path)
      throw failure.error
    }
    await saved
    core.causes.forget(record.id)
    volumeEvents(core, container, 'mount')
    startHealthMonitor(core, container)
    containerEvent(core, container, 'start')
  } catch (error) {
    await undo(core, container, error, failure, started)
    throw error
  }
}

async function undo(
  core: Core,
  container: Container,
  error: unknown,
  failure: StartFailure | undefined,
  created: boolean,
): Promise<void> {
  const { record } = container
  const { state } = record
  const message = (error as Error).message
  const networking = message.startsWith(networkingFailure)
  state.error = message
  state.exitCode = failure?.exitCode ?? 128
  state.pid = 0
  // Without a network the container has never been; after a failed first start Docker shows it as created, too.
  state.status = state.finishedAt === never ? 'created' : 'exited'
  const blamed = portBlamed((error as Error).cause) ?? portBlamed(error)
  core.causes.add({
    containerId: record.id,
    at: timestamp(),
    stage: blamed ? 'port' : networking ? 'network' : (failure?.cause.stage ?? 'volume'),
    subject: blamed ? String(blamed.port) : (failure?.cause.subject ?? ''),
    reason: blamed ? portReason(message) : (failure?.cause.reason ?? reasonOf(error)),
    message,
    exitCode: state.exitCode,
  })
  for (const stream of container.streams) stream.end()
  container.ended?.resolve(container.lastEnd())
  container.ended = null
  await stopNetworking(core, container)
  if (created) await core.linux.containers.delete(record.id)
  unmountImages(core, container)
  container.root?.[Symbol.dispose]()
  container.root = null
  await core.containers.save(container)
}

const portReason = (message: string) => (message.includes('already allocated') ? 'port-in-use' : 'address-in-use')

function reasonOf(error: unknown) {
  return error instanceof EngineError && error.message.includes('unable to find user') ? 'no-such-user' : 'other'
}
