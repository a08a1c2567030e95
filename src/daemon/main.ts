import { existsSync, readFileSync, writeSync } from 'node:fs'
import { open, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createDockerApi } from '../docker-api/index.ts'
import { readConfiguration } from './configuration.ts'
import { daemonLog } from './daemon-log.ts'
import { lockInstance } from './lock.ts'
import { listenWhereImagesExpect } from './registry-port.ts'
import { type RoomProcess, startRoomProcess } from './room-process.ts'
import { openRooms } from './rooms.ts'
import { contextName, type DaemonStatus, processStartTime } from './status.ts'
import type { WorkshopReady } from './workshop-main.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const configuration = readConfiguration(process.argv.slice(2))
const { instance } = configuration
const log = daemonLog()

// A fault in one request must not take the containers' daemon down; it is logged whole and is a bug.
process.on('uncaughtException', (error) => log.error({ err: error }, 'uncaught exception'))
process.on('unhandledRejection', (reason) => log.error({ err: reason }, 'unhandled rejection'))

async function writeStatus(status: DaemonStatus): Promise<void> {
  const fresh = `${instance.statusFile}.new`
  await using file = await open(fresh, 'w', 0o644)
  await file.writeFile(`${JSON.stringify(status, null, 2)}\n`)
  await rename(fresh, instance.statusFile)
}

/** Tells the launcher, on the pipe that it left open on descriptor 3, that this daemon answers. */
function tellReady(status: DaemonStatus): void {
  if (!existsSync('/proc/self/fd/3')) return
  try {
    writeSync(3, `${JSON.stringify(status)}\n`)
  } catch (error) {
    // EPIPE: the launcher has gone; EBADF: the descriptor is something else's. Neither is this daemon's concern.
    log.debug({ err: error }, 'nobody waits for the ready line')
  }
}

async function release(): Promise<void> {
  await using rooms = await openRooms(configuration, log)
  await rooms.engine.stopAll()
  await rooms.engine.release()
  await rooms.linux.release()
}

interface KubeReady {
  url: string
  /** A whole kubeconfig file. */
  kubeconfig: string
}

/** An engine alone is worth more than nothing: what stopped another room is in the log. */
async function startBeside<Ready>(main: string, args: readonly string[]): Promise<RoomProcess<Ready> | undefined> {
  try {
    return await startRoomProcess<Ready>(main, args, log)
  } catch (error) {
    log.error({ err: error, main }, 'a room did not start')
    return undefined
  }
}

async function serve(): Promise<void> {
  const stopAsked = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal))
  })
  process.on('SIGHUP', () => log.info({}, 'SIGHUP ignored'))
  await using rooms = await openRooms(configuration, log)
  await using api = createDockerApi({ engine: rooms.engine, log: log.child({ room: 'docker-api' }), version })
  const kube = configuration.kubernetes
    ? startBeside<KubeReady>('kube-main.ts', ['--state-dir', instance.kubeDir, '--tied'])
    : Promise.resolve(undefined)
  const [registryPort] = await Promise.all([
    listenWhereImagesExpect(rooms.registry, instance, configuration.registryPort),
    api.listen(instance.dockerSocket),
  ])
  await using cluster = await kube
  const kubeconfig = join(instance.kubeDir, 'kubeconfig')
  if (cluster) await writeFile(kubeconfig, cluster.ready.kubeconfig, { mode: 0o600 })
  const workshopArgs = ['--state', instance.workshopDir, '--docker', `unix://${instance.dockerSocket}`]
  workshopArgs.push('--registry', `127.0.0.1:${registryPort}`, '--version', version)
  if (configuration.path !== undefined) workshopArgs.push('--path', configuration.path)
  if (cluster) workshopArgs.push('--kubeconfig', kubeconfig)
  await using workshop = configuration.workshop
    ? await startBeside<WorkshopReady>('workshop-main.ts', workshopArgs)
    : undefined
  const status: DaemonStatus = {
    pid: process.pid,
    startTime: processStartTime(process.pid) ?? 0,
    version,
    stateDir: instance.stateDir,
    context: contextName(instance),
    addresses: {
      docker: `unix://${instance.dockerSocket}`,
      registry: `127.0.0.1:${registryPort}`,
      ...(cluster ? { kubernetes: cluster.ready.url } : {}),
      ...(workshop ? { workshop: workshop.ready.link } : {}),
    },
    ...(cluster ? { kubeconfig } : {}),
  }
  await writeStatus(status)
  tellReady(status)
  log.info({ milliseconds: Math.round(performance.now()), addresses: status.addresses }, 'ready')

  const signal = await stopAsked
  log.info({ signal }, 'stopping')
  await api.close()
  await rooms.engine.stopAll()
  await rm(instance.statusFile, { force: true })
}

try {
  await using _lock = await lockInstance(instance.id)
  if (configuration.release) await release()
  else await serve()
} catch (error) {
  log.error({ err: error }, 'the daemon ends')
  process.exitCode = 1
}
process.exit()
