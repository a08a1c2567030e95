import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hostFacts } from '../linux/index.ts'
import type { ChainId } from '../oci/index.ts'
import type { Builder } from './build/index.ts'
import { buildHost } from './build-host.ts'
import { CauseLog } from './containers/cause-log.ts'
import { ContainerStore } from './containers/container-store.ts'
import { containersOf } from './containers/containers.ts'
import { handleExit } from './containers/handle-exit.ts'
import { stopNow } from './containers/stop-container.ts'
import type { Engine, EngineOptions } from './contract.ts'
import { Background } from './core/background.ts'
import { systemClock } from './core/clock.ts'
import type { Core } from './core/core.ts'
import { writeDurably } from './core/durable-file.ts'
import { makeFolders } from './core/folders.ts'
import { Mutex } from './core/mutex.ts'
import { Trash } from './core/trash.ts'
import { EngineError } from './engine-error.ts'
import { EventLog } from './events/event-log.ts'
import { ExecStore } from './execs/exec.ts'
import { execsOf } from './execs/execs.ts'
import { imagesOf } from './images/images.ts'
import { makeDefaultNetworks } from './networks/default-networks.ts'
import { NetworkStore } from './networks/network-store.ts'
import { networksOperations } from './networks/networks.ts'
import { raiseNetwork } from './networks/raise-network.ts'
import { Sandboxes } from './networks/sandboxes.ts'
import { applyPolicies, recover } from './recovery.ts'
import { makeInitLayer } from './rootfs/init-layer.ts'
import { Roots } from './rootfs/roots.ts'
import { diskUsage } from './system/disk-usage.ts'
import { releaseEverything } from './system/release-everything.ts'
import { systemInfo } from './system/system-info.ts'
import { VolumeStore } from './volumes/volume-store.ts'
import { volumesOf } from './volumes/volumes.ts'

/** Kept in a file: a client recognises an engine by it. */
async function engineId(folder: string): Promise<string> {
  const path = join(folder, 'engine-id')
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const id = randomUUID()
  await writeDurably(path, `${id}\n`)
  return id
}

function makeCore(options: EngineOptions): Core {
  const { linux, content, transfer, log } = options
  const folders = makeFolders(options.stateDir, options.runtimeDir)
  const background = new Background(log)
  const trash = new Trash(folders.trash, background)
  return {
    options,
    folders,
    log,
    clock: options.clock ?? systemClock,
    linux,
    host: hostFacts(),
    content,
    transfer,
    events: new EventLog(),
    containers: new ContainerStore(folders.containerRecords),
    networks: new NetworkStore(folders.networkRecords),
    networkMutex: new Mutex(),
    sandboxes: new Sandboxes(),
    volumes: new VolumeStore(folders.volumeRecords, folders.volumes),
    volumeMutex: new Mutex(),
    execs: new ExecStore(),
    causes: new CauseLog(),
    background,
    trash,
    roots: new Roots(folders, content, linux.overlays, trash),
    closing: new AbortController(),
  }
}

const noBuilder = new Proxy({} as Builder, {
  get: () => () => {
    throw new EngineError('notImplemented', 'this engine has been opened without a builder')
  },
})

/** Opens the engine's folder, adopts what runs, finishes or removes what was half-made, applies restart policies. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const core = makeCore(options)
  makeInitLayer(core.folders.initLayer)
  const [id, found] = await Promise.all([
    engineId(core.folders.state),
    core.linux.containers.reopen(),
    core.containers.load(),
    core.networks.load(),
    core.volumes.load(),
  ])
  await makeDefaultNetworks(core)
  for (const network of core.networks.all()) {
    network.ready = raiseNetwork(core, network)
    // Told to whoever wants to join it; nobody may.
    network.ready.catch((error: unknown) =>
      core.log.error({ err: error, network: network.name }, 'a bridge could not be made'),
    )
  }
  const roots = core.content.addRoots(() => ({
    layers: core.containers.all().flatMap(({ record }) => (record.chainId === null ? [] : [record.chainId as ChainId])),
  }))
  const exits = core.linux.containers.onExit((exit) =>
    core.background.run('the end of a container', () => handleExit(core, exit)),
  )
  await recover(core, found)
  core.trash.sweep()
  const builder = await options.createBuilder?.({
    folder: core.folders.build,
    host: buildHost(core),
    content: core.content,
    linux: core.linux,
    log: core.log,
  })
  if (builder) await builder.recover()
  applyPolicies(core)
  const stopAll = async () => {
    core.closing.abort()
    await Promise.allSettled(core.containers.all().map((container) => stopNow(core, container, {})))
  }
  return {
    id,
    containers: containersOf(core),
    execs: execsOf(core),
    networks: networksOperations(core),
    volumes: volumesOf(core),
    images: imagesOf(core),
    events: core.events,
    builder: builder ?? noBuilder,
    causes: {
      of: (ref) => core.causes.of(core.containers.get(ref).id),
      list: () => core.causes.list(),
    },
    info: () => systemInfo(core, id),
    diskUsage: (parts) => diskUsage(core, builder, parts),
    stopAll,
    release: () => releaseEverything(core),
    async [Symbol.asyncDispose]() {
      core.closing.abort()
      exits[Symbol.dispose]()
      roots[Symbol.dispose]()
      await builder?.close()
      await core.background.settled()
      for (const sandbox of core.sandboxes.all()) {
        await sandbox.dns?.[Symbol.asyncDispose]()
        await Promise.all(sandbox.reservations.map((reservation) => reservation[Symbol.asyncDispose]()))
      }
    },
  }
}
