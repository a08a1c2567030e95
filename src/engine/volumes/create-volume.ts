import { mkdir } from 'node:fs/promises'
import { parseSize } from '../containers/log-config.ts'
import type { Core } from '../core/core.ts'
import { newId } from '../core/identifier.ts'
import { timestamp } from '../core/timestamp.ts'
import { EngineError, invalid, notFound } from '../engine-error.ts'
import type { CreateVolumeRequest, Volume } from '../shapes/index.ts'
import { anonymousLabel, type VolumeRecord } from './volume-store.ts'

const validVolumeName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/
const required: Record<string, readonly string[]> = { type: ['device'], o: ['device', 'type'], device: ['type'] }

/** @throws Docker's sentences, without `create x: ` before them */
function checkOptions(options: Record<string, string>): void {
  for (const name of Object.keys(options)) {
    if (!['type', 'o', 'device', 'size'].includes(name)) throw invalid(`invalid option: "${name}"`)
  }
  if (options.size !== undefined) {
    const size = parseSize(options.size)
    if (size === undefined) throw invalid(`invalid size: '${options.size}'`)
    if (size > 0) throw invalid('quota size requested but no quota support')
  }
  for (const [name, others] of Object.entries(required)) {
    if (options[name] === undefined) continue
    for (const other of others) {
      if (options[other] === undefined) throw invalid(`missing required option: "${other}"`)
    }
  }
}

export function volumeShape(core: Core, record: VolumeRecord): Volume {
  return {
    CreatedAt: record.createdAt,
    Driver: 'local',
    Labels: record.labels,
    Mountpoint: core.volumes.mountpoint(record.name),
    Name: record.name,
    Options: record.options,
    Scope: 'local',
  }
}

/** An existing one of that name is given back as it is. */
export async function createVolume(core: Core, request: CreateVolumeRequest): Promise<VolumeRecord> {
  const driver = request.Driver || 'local'
  if (driver !== 'local') {
    throw notFound(`error looking up volume plugin ${driver}: plugin "${driver}" not found`)
  }
  if (request.ClusterVolumeSpec) {
    throw new EngineError(
      'unavailable',
      'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
    )
  }
  const name = request.Name || newId()
  return await core.volumeMutex.run(async () => {
    const existing = core.volumes.find(name)
    if (existing) return existing
    try {
      if (!validVolumeName.test(name)) {
        throw invalid(
          name.length === 1
            ? 'volume name is too short, names should be at least two alphanumeric characters'
            : `"${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
        )
      }
      checkOptions(request.DriverOpts ?? {})
    } catch (error) {
      throw invalid(`create ${name}: ${(error as Error).message}`, { cause: error })
    }
    const hasOptions = Object.keys(request.DriverOpts ?? {}).length > 0
    const record: VolumeRecord = {
      version: 1,
      name,
      createdAt: timestamp(core.clock.now()).replace(/\.\d+Z$/, 'Z'),
      labels: request.Name ? (request.Labels ?? null) : { ...request.Labels, [anonymousLabel]: '' },
      options: hasOptions ? { ...request.DriverOpts } : null,
    }
    await mkdir(core.volumes.mountpoint(name), { recursive: true, mode: 0o755 })
    await core.volumes.add(record)
    core.events.emit('volume', 'create', name, { driver: 'local' })
    return record
  })
}
