import { type Core, containerEvent } from '../core/core.ts'
import { conflict, EngineError, invalid } from '../engine-error.ts'
import type { HostConfig, UpdateContainerRequest } from '../shapes/index.ts'
import { ociResources } from '../spec/index.ts'
import { validateRestartPolicy } from './validate-host-config.ts'
import { verifyResources } from './verify-resources.ts'

const names = [
  'BlkioWeight',
  'CpuShares',
  'NanoCpus',
  'CpuPeriod',
  'CpuQuota',
  'CpuRealtimePeriod',
  'CpuRealtimeRuntime',
  'CpusetCpus',
  'CpusetMems',
  'Memory',
  'MemorySwap',
  'MemoryReservation',
] as const satisfies readonly (keyof UpdateContainerRequest)[]

/** `docker update`: what is not given stays. Takes effect at once where the container runs. */
export async function updateContainer(
  core: Core,
  ref: string,
  asked: UpdateContainerRequest,
): Promise<{ Warnings: string[] }> {
  const request = structuredClone(asked)
  validateRestartPolicy(request.RestartPolicy)
  const Warnings = verifyResources(request, core.host, { update: true })
  const container = core.containers.get(ref)
  using _held = await container.mutex.lock()
  const { record } = container
  const fail = (error: unknown): never => {
    const kind = error instanceof EngineError ? error.kind : 'system'
    throw new EngineError(kind, `Cannot update container ${record.id}: ${(error as Error).message}`, { cause: error })
  }
  if (container.removing || record.state.status === 'dead') {
    return fail(conflict('container is marked for removal and cannot be "update"'))
  }
  const before = record.hostConfig
  const next: HostConfig = { ...before }
  try {
    merge(next, request)
    if (container.alive) {
      const changed = Object.keys(request).some((name) => name !== 'RestartPolicy')
      if (changed) await core.linux.containers.update(record.id, ociResources(next))
    }
    record.hostConfig = next
    await core.containers.save(container)
  } catch (error) {
    record.hostConfig = before
    fail(error)
  }
  containerEvent(core, container, 'update')
  return { Warnings }
}

function merge(next: HostConfig, request: UpdateContainerRequest): void {
  if (request.NanoCpus && (next.CpuPeriod || next.CpuQuota)) {
    throw invalid(
      `Conflicting options: Nano CPUs cannot be updated as CPU ${next.CpuPeriod ? 'Period' : 'Quota'} has already been set`,
    )
  }
  if ((request.CpuPeriod || request.CpuQuota) && next.NanoCpus) {
    throw invalid(
      `Conflicting options: CPU ${request.CpuPeriod ? 'Period' : 'Quota'} cannot be updated as NanoCPUs has already been set`,
    )
  }
  const memory = request.Memory ?? 0
  const swap = next.MemorySwap ?? 0
  // A limit above the old limit of memory and swap together makes no sense without a new one.
  if (memory > 0 && swap > 0 && memory > swap && !request.MemorySwap) {
    throw invalid(
      'Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time',
    )
  }
  for (const name of names) if (request[name]) Object.assign(next, { [name]: request[name] })
  if (request.PidsLimit !== undefined && request.PidsLimit !== null) next.PidsLimit = request.PidsLimit
  if (request.RestartPolicy?.Name) {
    if (next.AutoRemove && request.RestartPolicy.Name !== 'no') {
      throw invalid('Restart policy cannot be updated because AutoRemove is enabled for the container')
    }
    next.RestartPolicy = { MaximumRetryCount: 0, ...request.RestartPolicy }
  }
}
