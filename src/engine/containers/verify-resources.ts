import { readFileSync } from 'node:fs'
import type { HostFacts } from '../../linux/index.ts'
import { invalid } from '../engine-error.ts'
import type { Resources } from '../shapes/index.ts'

const leastMemoryBytes = 6 * 1024 * 1024

/**
 * What the machine cannot do is dropped with a warning, what makes no sense is refused, both in Docker's words.
 * Changes `r` in place.
 */
export function verifyResources(r: Resources, host: HostFacts, options: { update?: boolean } = {}): string[] {
  const warnings: string[] = []
  if (r.MemorySwappiness === -1) r.MemorySwappiness = null
  verifyMemory(r, host, warnings, options.update ?? false)
  verifyCpu(r, host, warnings)
  if (typeof r.PidsLimit === 'number' && !host.controllers.pids) {
    if (r.PidsLimit > 0) {
      warnings.push(
        'Your kernel does not support PIDs limit capabilities or the cgroup is not mounted. PIDs limit discarded.',
      )
    }
    r.PidsLimit = null
  }
  verifyBlockIo(r, host, warnings)
  return warnings
}

function verifyMemory(r: Resources, host: HostFacts, warnings: string[], update: boolean): void {
  const { controllers } = host
  const memory = r.Memory ?? 0
  if (memory !== 0 && memory < leastMemoryBytes) throw invalid('Minimum memory limit allowed is 6MB')
  if (memory > 0 && !controllers.memory) {
    warnings.push(
      'Your kernel does not support memory limit capabilities or the cgroup is not mounted. Limitation discarded.',
    )
    r.Memory = 0
    r.MemorySwap = -1
  }
  if ((r.Memory ?? 0) > 0 && r.MemorySwap !== -1 && !controllers.swap) {
    warnings.push(
      'Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without swap.',
    )
    r.MemorySwap = -1
  }
  const limit = r.Memory ?? 0
  const swap = r.MemorySwap ?? 0
  if (limit > 0 && swap > 0 && swap < limit) {
    throw invalid('Minimum memoryswap limit should be larger than memory limit, see usage')
  }
  if (limit === 0 && swap > 0 && !update) {
    throw invalid('You should always set the Memory limit when using Memoryswap limit, see usage')
  }
  if (typeof r.MemorySwappiness === 'number') {
    if (host.cgroup === 'v2' || !controllers.memory) {
      warnings.push(
        'Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded.',
      )
      r.MemorySwappiness = null
    } else if (r.MemorySwappiness < 0 || r.MemorySwappiness > 100) {
      throw invalid(`Invalid value: ${r.MemorySwappiness}, valid memory swappiness range is 0-100`)
    }
  }
  const reservation = r.MemoryReservation ?? 0
  if (reservation > 0 && !controllers.memory) {
    warnings.push(
      'Your kernel does not support memory soft limit capabilities or the cgroup is not mounted. Limitation discarded.',
    )
    r.MemoryReservation = 0
  } else if (reservation > 0 && reservation < leastMemoryBytes) {
    throw invalid('Minimum memory reservation allowed is 6MB')
  } else if (limit > 0 && reservation > limit) {
    throw invalid('Minimum memory limit can not be less than memory reservation limit, see usage')
  }
  if (typeof r.OomKillDisable === 'boolean') {
    if (host.cgroup === 'v2') {
      if (r.OomKillDisable) {
        warnings.push('Your kernel does not support OomKillDisable. OomKillDisable discarded.')
      }
      r.OomKillDisable = null
    } else if (r.OomKillDisable && limit === 0) {
      warnings.push(
        'OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.',
      )
    }
  }
}

function verifyCpu(r: Resources, host: HostFacts, warnings: string[]): void {
  const nano = r.NanoCpus ?? 0
  const period = r.CpuPeriod ?? 0
  const quota = r.CpuQuota ?? 0
  if (nano > 0 && period > 0) throw invalid('Conflicting options: Nano CPUs and CPU Period cannot both be set')
  if (nano > 0 && quota > 0) throw invalid('Conflicting options: Nano CPUs and CPU Quota cannot both be set')
  if (nano > 0 && !host.controllers.cpu) {
    throw invalid(
      'NanoCPUs can not be set, as your kernel does not support CPU CFS scheduler or the cgroup is not mounted',
    )
  }
  if (nano !== 0 && (nano < 0 || nano > host.cpus * 1e9)) {
    throw invalid(`range of CPUs is from 0.01 to ${host.cpus}.00, as there are only ${host.cpus} CPUs available`)
  }
  if ((r.CpuShares ?? 0) > 0 && !host.controllers.cpu) {
    warnings.push('Your kernel does not support CPU shares or the cgroup is not mounted. Shares discarded.')
    r.CpuShares = 0
  }
  if ((period !== 0 || quota !== 0) && !host.controllers.cpu) {
    warnings.push('Your kernel does not support CPU CFS scheduler. CPU period/quota discarded.')
    r.CpuPeriod = 0
    r.CpuQuota = 0
  }
  if (r.CpuPeriod && (r.CpuPeriod < 1000 || r.CpuPeriod > 1_000_000)) {
    throw invalid('CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)')
  }
  if (r.CpuQuota && r.CpuQuota > 0 && r.CpuQuota < 1000) {
    throw invalid('CPU cfs quota can not be less than 1ms (i.e. 1000)')
  }
  if (r.CpuPercent) {
    warnings.push('linux does not support CPU percent. Percent discarded.')
    r.CpuPercent = 0
  }
  if ((r.CpusetCpus || r.CpusetMems) && !host.controllers.cpuset) {
    warnings.push('Your kernel does not support cpuset or the cgroup is not mounted. Cpuset discarded.')
    r.CpusetCpus = ''
    r.CpusetMems = ''
  }
  verifyCpuset(r.CpusetCpus ?? '', '/sys/devices/system/cpu/online', 'cpus', 'CPUs')
  verifyCpuset(r.CpusetMems ?? '', '/sys/devices/system/node/online', 'mems', 'memory nodes')
}

function listOf(text: string): Set<number> | undefined {
  const set = new Set<number>()
  for (const part of text.split(',')) {
    const match = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part.trim())
    if (!match || Number(match[2] ?? match[1]) < Number(match[1])) return undefined
    for (let n = Number(match[1]); n <= Number(match[2] ?? match[1]); n += 1) set.add(n)
  }
  return set
}

function verifyCpuset(text: string, onlineFile: string, kind: string, noun: string): void {
  if (text === '') return
  const wanted = listOf(text)
  if (!wanted) throw invalid(`Invalid value ${text} for cpuset ${kind}: invalid format: ${text}`)
  let available = '0'
  try {
    available = readFileSync(onlineFile, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const there = listOf(available) ?? new Set([0])
  for (const number of wanted) {
    if (!there.has(number)) {
      throw invalid(`Requested ${noun} are not available - requested ${text}, available: ${available}`)
    }
  }
}

const blockLists = [
  ['BlkioWeightDevice', 'Block I/O weight_device', 'Weight-device'],
  ['BlkioDeviceReadBps', 'BPS Block I/O read limit', 'Block I/O BPS read limit'],
  ['BlkioDeviceWriteBps', 'BPS Block I/O write limit', 'Block I/O BPS write limit'],
  ['BlkioDeviceReadIOps', 'IOPS Block read limit', 'Block I/O IOPS read limit'],
  ['BlkioDeviceWriteIOps', 'IOPS Block write limit', 'Block I/O IOPS write limit'],
] as const

function verifyBlockIo(r: Resources, host: HostFacts, warnings: string[]): void {
  if ((r.BlkioWeight ?? 0) > 0 && !host.controllers.blkio) {
    warnings.push('Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.')
    r.BlkioWeight = 0
  }
  if (r.BlkioWeight && r.BlkioWeight > 0 && (r.BlkioWeight < 10 || r.BlkioWeight > 1000)) {
    throw invalid('Range of blkio weight is from 10 to 1000')
  }
  if (host.controllers.blkio) return
  for (const [name, feature, dropped] of blockLists) {
    if (!r[name]?.length) continue
    warnings.push(`Your kernel does not support ${feature} or the cgroup is not mounted. ${dropped} discarded.`)
    r[name] = []
  }
}
