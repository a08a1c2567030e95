import { readFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { isUnified, readCgroup } from './cgroup-tree.ts'
import type { BlkioEntry, ContainerStats } from './contract.ts'

/** `name value` lines, as in memory.stat, cpu.stat and memory.events. */
export function parseFlatKeyed(text: string | null): Record<string, number> {
  const entries = (text ?? '').split('\n').flatMap((line): [string, number][] => {
    const [name, value] = line.split(' ')
    return name === undefined || name === '' || value === undefined ? [] : [[name, Number(value)]]
  })
  return Object.fromEntries(entries)
}

const number = (text: string | null) => Number(text?.trim() ?? 0)
const nanoseconds = (text: string | undefined | null) => BigInt(text?.trim() || 0)

/** A limit is `max` on v2, and the largest multiple of a page on v1. */
function limitOf(text: string | null): number {
  const value = number(text)
  return text === null || text.trim() === 'max' || value > totalmem() ? totalmem() : value
}

/** USER_HZ, which the kernel fixes at 100 for every program. */
const nanosecondsPerTick = 10_000_000n

function hostCpu(): ContainerStats['host'] {
  const line = /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? ''
  // guest time, the ninth and tenth column, is within user time already
  const ticks = line
    .split(' ')
    .slice(0, 8)
    .reduce((sum, column) => sum + BigInt(column), 0n)
  return { cpuTotalNs: ticks * nanosecondsPerTick, onlineCpus: availableParallelism() }
}

function cpuV1(path: string): ContainerStats['cpu'] {
  const stat = parseFlatKeyed(readCgroup(path, 'cpu', 'cpu.stat'))
  const usage = parseFlatKeyed(readCgroup(path, 'cpuacct', 'cpuacct.stat'))
  return {
    totalNs: nanoseconds(readCgroup(path, 'cpuacct', 'cpuacct.usage')),
    userNs: BigInt(usage.user ?? 0) * nanosecondsPerTick,
    systemNs: BigInt(usage.system ?? 0) * nanosecondsPerTick,
    perCpuNs: (readCgroup(path, 'cpuacct', 'cpuacct.usage_percpu') ?? '').trim().split(' ').filter(Boolean).map(BigInt),
    periods: stat.nr_periods ?? 0,
    throttledPeriods: stat.nr_throttled ?? 0,
    throttledNs: BigInt(stat.throttled_time ?? 0),
  }
}

function cpuV2(path: string): ContainerStats['cpu'] {
  const stat = parseFlatKeyed(readCgroup(path, 'cpu', 'cpu.stat'))
  const fromUs = (name: string) => BigInt(stat[name] ?? 0) * 1000n
  return {
    totalNs: fromUs('usage_usec'),
    userNs: fromUs('user_usec'),
    systemNs: fromUs('system_usec'),
    perCpuNs: [],
    periods: stat.nr_periods ?? 0,
    throttledPeriods: stat.nr_throttled ?? 0,
    throttledNs: fromUs('throttled_usec'),
  }
}

export function oomKills(path: string): number {
  const text = isUnified
    ? readCgroup(path, 'memory', 'memory.events')
    : readCgroup(path, 'memory', 'memory.oom_control')
  return parseFlatKeyed(text).oom_kill ?? 0
}

function memory(path: string): ContainerStats['memory'] {
  const read = (file: string) => readCgroup(path, 'memory', file)
  return {
    usage: number(read(isUnified ? 'memory.current' : 'memory.usage_in_bytes')),
    maxUsage: number(read(isUnified ? 'memory.peak' : 'memory.max_usage_in_bytes')),
    limit: limitOf(read(isUnified ? 'memory.max' : 'memory.limit_in_bytes')),
    failcnt: isUnified ? (parseFlatKeyed(read('memory.events')).max ?? 0) : number(read('memory.failcnt')),
    stat: parseFlatKeyed(read('memory.stat')),
    oomKills: oomKills(path),
  }
}

/** v1: `8:0 Read 4096` per line, and a total at the end. */
export function parseBlkioV1(text: string | null, kind: BlkioEntry['kind']): BlkioEntry[] {
  return (text ?? '').split('\n').flatMap((line) => {
    const match = /^(\d+):(\d+) (\w+) (\d+)$/.exec(line)
    if (match === null) return []
    return [{ kind, major: Number(match[1]), minor: Number(match[2]), op: match[3] ?? '', value: Number(match[4]) }]
  })
}

/** v2: `8:0 rbytes=1 wbytes=2 rios=3 wios=4 …` per line. */
export function parseIoV2(text: string | null): BlkioEntry[] {
  return (text ?? '').split('\n').flatMap((line) => {
    const [device = '', ...pairs] = line.split(' ')
    const [major, minor] = device.split(':').map(Number)
    if (major === undefined || minor === undefined) return []
    const values = new Map(pairs.map((pair) => pair.split('=')).map(([name = '', value]) => [name, Number(value)]))
    const entry = (kind: BlkioEntry['kind'], op: string, name: string): BlkioEntry => ({
      kind,
      major,
      minor,
      op,
      value: values.get(name) ?? 0,
    })
    return [
      entry('bytes', 'read', 'rbytes'),
      entry('bytes', 'write', 'wbytes'),
      entry('operations', 'read', 'rios'),
      entry('operations', 'write', 'wios'),
    ]
  })
}

function blkio(path: string): BlkioEntry[] {
  if (isUnified) return parseIoV2(readCgroup(path, 'io', 'io.stat'))
  const read = (name: string) =>
    readCgroup(path, 'blkio', `blkio.throttle.${name}_recursive`) ?? readCgroup(path, 'blkio', `blkio.throttle.${name}`)
  return [...parseBlkioV1(read('io_service_bytes'), 'bytes'), ...parseBlkioV1(read('io_serviced'), 'operations')]
}

export function cgroupStats(path: string): Omit<ContainerStats, 'interfaces'> {
  const limit = readCgroup(path, 'pids', 'pids.max')?.trim()
  return {
    readAt: new Date(),
    cpu: isUnified ? cpuV2(path) : cpuV1(path),
    host: hostCpu(),
    memory: memory(path),
    pids: {
      current: number(readCgroup(path, 'pids', 'pids.current')),
      limit: limit === undefined || limit === 'max' ? null : Number(limit),
    },
    blkio: blkio(path),
  }
}
