import type { BlkioEntry, ContainerStats } from '../../linux/index.ts'
import type { Core } from '../core/core.ts'
import { never, timestamp } from '../core/timestamp.ts'
import type { BlkioStatEntry, ContainerStatsResponse, CpuStats, NetworkStats } from '../shapes/index.ts'
import type { Container } from './container.ts'

const intervalMs = 1000

const noCpu = (): CpuStats => ({
  cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
})

function cpuStats({ cpu, host }: ContainerStats): CpuStats {
  return {
    cpu_usage: {
      total_usage: Number(cpu.totalNs),
      ...(cpu.perCpuNs.length > 0 && { percpu_usage: cpu.perCpuNs.map(Number) }),
      usage_in_kernelmode: Number(cpu.systemNs),
      usage_in_usermode: Number(cpu.userNs),
    },
    system_cpu_usage: Number(host.cpuTotalNs),
    online_cpus: host.onlineCpus,
    throttling_data: {
      periods: cpu.periods,
      throttled_periods: cpu.throttledPeriods,
      throttled_time: Number(cpu.throttledNs),
    },
  }
}

function blkio(entries: readonly BlkioEntry[], kind: BlkioEntry['kind']): BlkioStatEntry[] | null {
  const list = entries
    .filter((entry) => entry.kind === kind)
    .map(({ major, minor, op, value }) => ({ major, minor, op: op.toLowerCase(), value }))
  return list.length > 0 ? list : null
}

function networkStats(stats: ContainerStats): Record<string, NetworkStats> {
  return Object.fromEntries(
    Object.entries(stats.interfaces).map(([name, counters]) => [
      name,
      {
        rx_bytes: counters.rxBytes,
        rx_packets: counters.rxPackets,
        rx_errors: counters.rxErrors,
        rx_dropped: counters.rxDropped,
        tx_bytes: counters.txBytes,
        tx_packets: counters.txPackets,
        tx_errors: counters.txErrors,
        tx_dropped: counters.txDropped,
      },
    ]),
  )
}

function response(
  container: Container,
  now: ContainerStats | null,
  before: ContainerStats | null,
): ContainerStatsResponse {
  const none = {
    io_service_bytes_recursive: null,
    io_serviced_recursive: null,
    io_queue_recursive: null,
    io_service_time_recursive: null,
    io_wait_time_recursive: null,
    io_merged_recursive: null,
    io_time_recursive: null,
    sectors_recursive: null,
  }
  const base = {
    id: container.id,
    name: `/${container.record.name}`,
    os_type: 'linux' as const,
    num_procs: 0 as const,
    storage_stats: {},
  }
  if (!now) {
    return {
      ...base,
      read: never,
      preread: never,
      pids_stats: {},
      blkio_stats: none,
      cpu_stats: noCpu(),
      precpu_stats: noCpu(),
      memory_stats: {},
    }
  }
  return {
    ...base,
    read: timestamp(now.readAt),
    preread: before ? timestamp(before.readAt) : never,
    pids_stats: { current: now.pids.current, ...(now.pids.limit !== null && { limit: now.pids.limit }) },
    blkio_stats: {
      ...none,
      io_service_bytes_recursive: blkio(now.blkio, 'bytes'),
      io_serviced_recursive: blkio(now.blkio, 'operations'),
    },
    cpu_stats: cpuStats(now),
    precpu_stats: before ? cpuStats(before) : noCpu(),
    memory_stats: {
      usage: now.memory.usage,
      ...(now.memory.maxUsage > 0 && { max_usage: now.memory.maxUsage }),
      stats: now.memory.stat,
      ...(now.memory.failcnt > 0 && { failcnt: now.memory.failcnt }),
      limit: now.memory.limit,
    },
    ...(Object.keys(now.interfaces).length > 0 && { networks: networkStats(now) }),
  }
}

async function read(core: Core, container: Container): Promise<ContainerStats | null> {
  if (!container.alive) return null
  try {
    return await core.linux.containers.stats(container.id)
  } catch (error) {
    // It has ended between the question and the answer.
    if (!container.alive || container.mutex.busy) return null
    throw error
  }
}

export interface StatsOptions {
  stream?: boolean
  oneShot?: boolean
}

/**
 * `docker stats`. Without `oneShot` each reading comes with the one before, so that the first takes a second. A container
 * that does not run gives empty readings.
 */
export async function statsContainer(core: Core, ref: string, options: StatsOptions = {}, signal?: AbortSignal) {
  const container = core.containers.get(ref)
  const stop = signal ? AbortSignal.any([signal, core.closing.signal]) : core.closing.signal
  async function* readings(): AsyncGenerator<ContainerStatsResponse, void, undefined> {
    let before = options.oneShot && !options.stream ? null : await read(core, container)
    if (!options.stream) {
      if (!options.oneShot && before) await core.clock.sleep(intervalMs, stop).catch(() => undefined)
      yield response(container, await read(core, container), before)
      return
    }
    yield response(container, before, null)
    while (!stop.aborted && !container.removed) {
      try {
        await core.clock.sleep(intervalMs, stop)
      } catch {
        return
      }
      if (container.removed) return
      const now = await read(core, container)
      yield response(container, now, before)
      before = now
    }
  }
  return readings()
}
