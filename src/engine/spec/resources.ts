import { statSync } from 'node:fs'
import type { OciResources, OciThrottle } from '../../linux/index.ts'
import { invalid, system } from '../engine-error.ts'
import type { Resources, ThrottleDevice } from '../shapes/index.ts'

function deviceNumber(path: string): { major: number; minor: number } {
  let rdev: number
  try {
    rdev = statSync(path).rdev
  } catch (error) {
    throw system(`stat ${path}: no such file or directory`, { cause: error })
  }
  // makedev(3): 12 bits of major between two parts of the minor.
  return { major: (rdev >>> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >>> 12) & 0xfff00) }
}

function throttles(devices: readonly ThrottleDevice[] | null | undefined): OciThrottle[] {
  return (devices ?? []).map(({ Path, Rate }) => ({ ...deviceNumber(Path), rate: Rate }))
}

function memoryOf(r: Resources): OciResources['memory'] {
  const memory: NonNullable<OciResources['memory']> = {}
  if (r.Memory && r.Memory > 0) memory.limit = r.Memory
  if (r.MemoryReservation && r.MemoryReservation > 0) memory.reservation = r.MemoryReservation
  if (r.MemorySwap && (r.MemorySwap > 0 || (r.MemorySwap === -1 && memory.limit))) memory.swap = r.MemorySwap
  if (typeof r.MemorySwappiness === 'number' && r.MemorySwappiness >= 0) memory.swappiness = r.MemorySwappiness
  if (r.OomKillDisable) memory.disableOOMKiller = true
  if (r.KernelMemoryTCP) memory.kernelTCP = r.KernelMemoryTCP
  return Object.keys(memory).length > 0 ? memory : undefined
}

function cpuOf(r: Resources): OciResources['cpu'] {
  const cpu: NonNullable<OciResources['cpu']> = {}
  if (r.CpuShares) {
    if (r.CpuShares < 0) throw invalid(`invalid CPU shares (${r.CpuShares}): value must be a positive integer`)
    cpu.shares = r.CpuShares
  }
  if (r.CpusetCpus) cpu.cpus = r.CpusetCpus
  if (r.CpusetMems) cpu.mems = r.CpusetMems
  if (r.NanoCpus && r.NanoCpus > 0) {
    cpu.period = 100_000
    cpu.quota = Math.floor((r.NanoCpus * 100_000) / 1e9)
  }
  if (r.CpuPeriod) cpu.period = r.CpuPeriod
  if (r.CpuQuota) cpu.quota = r.CpuQuota
  if (r.CpuRealtimePeriod) cpu.realtimePeriod = r.CpuRealtimePeriod
  if (r.CpuRealtimeRuntime) cpu.realtimeRuntime = r.CpuRealtimeRuntime
  return Object.keys(cpu).length > 0 ? cpu : undefined
}

function blockIoOf(r: Resources): OciResources['blockIO'] {
  const blockIO: NonNullable<OciResources['blockIO']> = {}
  if (r.BlkioWeight) blockIO.weight = r.BlkioWeight
  const weights = (r.BlkioWeightDevice ?? []).map(({ Path, Weight }) => ({ ...deviceNumber(Path), weight: Weight }))
  if (weights.length > 0) blockIO.weightDevice = weights
  const parts = {
    throttleReadBpsDevice: throttles(r.BlkioDeviceReadBps),
    throttleWriteBpsDevice: throttles(r.BlkioDeviceWriteBps),
    throttleReadIOPSDevice: throttles(r.BlkioDeviceReadIOps),
    throttleWriteIOPSDevice: throttles(r.BlkioDeviceWriteIOps),
  }
  for (const [name, list] of Object.entries(parts)) {
    if (list.length > 0) blockIO[name as keyof typeof parts] = list
  }
  return Object.keys(blockIO).length > 0 ? blockIO : undefined
}

/** Docker's limits in OCI's terms, device rules aside. */
export function ociResources(r: Resources): OciResources {
  const memory = memoryOf(r)
  const cpu = cpuOf(r)
  const blockIO = blockIoOf(r)
  const pids = typeof r.PidsLimit === 'number' ? { limit: r.PidsLimit > 0 ? r.PidsLimit : -1 } : undefined
  return { ...(memory && { memory }), ...(cpu && { cpu }), ...(blockIO && { blockIO }), ...(pids && { pids }) }
}
