/**
 * What the rest of the house asks of the kernel. One object, `Linux`, is opened once per process; it holds the
 * container runtime, the overlay mounts, the network and the facts about the host. No word of Docker or Kubernetes here.
 */
import type { Readable, Writable } from 'node:stream'
import type { OciProcess, OciResources, OciSpec } from './oci-spec.ts'

/** The shape of pino's Logger. */
export interface Log {
  debug(obj: object, msg?: string): void
  info(obj: object, msg?: string): void
  warn(obj: object, msg?: string): void
  error(obj: object, msg?: string): void
}

export interface LinuxOptions {
  /**
   * What lives until the next reboot: mounts, namespaces, sockets, exit files. Short (sockets lie below it), on a file
   * system that a reboot empties, e.g. /run/manufacture/<instance>; the same folder as given to `launchArgv`.
   */
  runtimeDir: string
  /** 1 to 8 characters of a-z0-9, different for each instance on the machine: names the nftables table, the cgroup parent and the links. */
  instance: string
  log: Log
  /** How many network namespaces are kept ready. Default 8. */
  warmNamespaces?: number
}

/** Every touch of the kernel. Disposing closes what belongs to this process; containers, networks and mounts stay. */
export interface Linux extends AsyncDisposable {
  readonly containers: ContainerRuntime
  readonly overlays: Overlays
  readonly network: Network
  readonly firewall: Firewall
  readonly ports: Ports
  /**
   * Removes what this instance has made in the kernel and that outlives it: containers, overlays, namespaces, links,
   * nftables table, cgroup parent; sysctls get their old values back. The instance can be used no longer afterwards.
   */
  release(): Promise<void>
}

// ---------------------------------------------------------------------------------------------------- containers

/** Thrown when crun, conmon or the kernel refuses; `message` is the runtime's own sentence, without its decoration. */
export interface RuntimeFailure extends Error {
  readonly name: 'RuntimeError'
  /** What was being done: create, start, exec… */
  readonly operation: string
  /** ENOENT and so on where the cause is a system call. */
  readonly code?: string
}

export interface CreateContainer {
  /** Unique, of a-z0-9_.- characters; 64 hexadecimal digits do. */
  id: string
  /** An existing folder; config.json, pidfile and the sockets are put here. Stays until `delete`. */
  bundleDir: string
  /**
   * Complete, but: rlimits, capabilities and oomScoreAdj that this process may not grant are lowered to what it may
   * (see `CreatedContainer.adjustments`); seccomp rules are compiled once per distinct set; no cgroupsPath means the
   * instance's own parent.
   */
  spec: OciSpec
  /** Where the output goes, read with `readLog`. Appended to where it exists; null keeps no log. */
  logPath: string | null
  /** The log starts again from nothing beyond this size. */
  logSizeMaxBytes?: number
  terminal: boolean
  /** none: /dev/null. open: stays open when a client goes. once: closes when the first attached client's input ends. */
  stdin: 'none' | 'open' | 'once'
  /** Parent of the cgroup in place of the instance's own, e.g. /my-parent. */
  cgroupParent?: string
}

export interface CreatedContainer {
  /** On the host; the process waits for `start` before it executes the program. */
  pid: number
  /** What was lowered to what this machine allows, one sentence each. */
  adjustments: string[]
}

export interface ContainerExit {
  id: string
  /** 128 + signal where a signal ended it. */
  exitCode: number
  finishedAt: Date
  /** The kernel has killed a process of it for want of memory. */
  oomKilled: boolean
}

export interface FoundContainer {
  id: string
  /** null when it has ended. */
  pid: number | null
  bundleDir: string
  state: 'created' | 'running' | 'paused' | 'stopped'
  /** Present when it has ended and its end was recorded. */
  exit: ContainerExit | null
}

/** Order between stdout and stderr is as the kernel gave it. A terminal's output is all stdout. */
export interface OutputChunk {
  stream: 'stdout' | 'stderr'
  data: Buffer
}

export interface Streams extends AsyncDisposable {
  /** In object mode, chunks are `OutputChunk`; ends when the process has ended and all its output is here. Respects back-pressure. */
  readonly output: Readable
  /** Ending it closes the process's stdin. */
  readonly stdin: Writable
}

export interface TerminalSize {
  rows: number
  columns: number
}

export interface ExecOptions {
  /** Complete, as in the container's own specification; `terminal` rules. */
  process: OciProcess
  /** Without it stdin is /dev/null. */
  stdin: boolean
}

export interface ExecProcess extends Streams {
  /** On the host. */
  readonly pid: number
  /** Resolves when the process has ended (128 + signal for a signal); never rejects. */
  readonly exited: Promise<number>
  resize(size: TerminalSize): void
  signal(signal: number): void
}

export interface ContainerStats {
  readAt: Date
  cpu: {
    totalNs: bigint
    userNs: bigint
    systemNs: bigint
    perCpuNs: bigint[]
    periods: number
    throttledPeriods: number
    throttledNs: bigint
  }
  /** Nanoseconds that all CPUs of the host have been busy or idle since boot, and how many there are. */
  host: { cpuTotalNs: bigint; onlineCpus: number }
  memory: {
    usage: number
    maxUsage: number
    /** Bytes; the machine's memory where there is no limit. */
    limit: number
    failcnt: number
    /** The kernel's own memory.stat, names as the kernel has them on the cgroup version at hand. */
    stat: Record<string, number>
    oomKills: number
  }
  pids: { current: number; limit: number | null }
  blkio: BlkioEntry[]
  /** One per interface but lo, by name. Empty without a network namespace of its own. */
  interfaces: Record<string, InterfaceCounters>
}

export interface BlkioEntry {
  kind: 'bytes' | 'operations'
  major: number
  minor: number
  /** Read, Write, Sync, Async, Discard, Total as the kernel has them (read, write on v2). */
  op: string
  value: number
}

export interface InterfaceCounters {
  rxBytes: number
  rxPackets: number
  rxErrors: number
  rxDropped: number
  txBytes: number
  txPackets: number
  txErrors: number
  txDropped: number
}

export interface ContainerRuntime {
  create(options: CreateContainer): Promise<CreatedContainer>
  /** Between `create` and `start` it sees all output from the first byte on. Any number of clients. */
  attach(id: string): Promise<Streams>
  start(id: string): Promise<void>
  /** `all`: to every process of the container's cgroup. No such process is not an error. */
  signal(id: string, signal: number, options?: { all?: boolean }): Promise<void>
  pause(id: string): Promise<void>
  resume(id: string): Promise<void>
  update(id: string, resources: OciResources): Promise<void>
  resize(id: string, size: TerminalSize): Promise<void>
  /** On the host, every process in the container's cgroup, for `ps`. */
  pids(id: string): Promise<number[]>
  stats(id: string): Promise<ContainerStats>
  exec(id: string, options: ExecOptions): Promise<ExecProcess>
  /** Resolves when the container has ended, at once where it already has; also after a restart of this process. */
  wait(id: string, signal?: AbortSignal): Promise<ContainerExit>
  /** Called once for each container that ends, from then on; not for ends that `reopen` has already reported. */
  onExit(listener: (exit: ContainerExit) => void): Disposable
  /** Kills what is left, removes the cgroup and the runtime's record. Bundle and log stay. An unknown id is not an error. */
  delete(id: string): Promise<void>
  /** What an earlier process of this instance has left, running or ended. Call once, before anything else. */
  reopen(): Promise<FoundContainer[]>
  /** The folder where the container's root with all its mounts can be seen while it runs (/proc/<pid>/root). */
  rootView(id: string): string | null
}

// ------------------------------------------------------------------------------------------------------- overlay

export interface OverlayMount {
  /** Top-most first. At least one; hundreds are fine. */
  lowerDirs: string[]
  /** Both or neither: without them the mount is read-only. On one file system, workDir empty. */
  upperDir?: string
  workDir?: string
  target: string
}

export interface Overlays {
  mount(options: OverlayMount): void
  /** Lazy where it is busy. Nothing mounted is not an error. */
  unmount(target: string): void
  isMounted(target: string): boolean
  /** Every target below a folder that is an overlay now. */
  mounted(below: string): string[]
}

// ------------------------------------------------------------------------------------------------------- network

export interface NetworkNamespace {
  name: string
  /** For `namespaces[].path` in the specification. */
  path: string
}

export interface Bridge {
  /** At most 15 characters. */
  name: string
  /** With prefix length: 172.18.0.1/16, fd00::1/64. */
  addresses: string[]
  mtu?: number
  mac?: string
}

export interface Attachment {
  namespace: string
  bridge: string
  /** In the namespace: eth0. */
  ifName: string
  mac: string
  /** With prefix length. */
  addresses: string[]
  /** Of the default route; none: no default route through this link. */
  gateway4?: string
  gateway6?: string
  /** Lower wins between several networks' default routes. Default 0. */
  metric?: number
  mtu?: number
}

export interface Network {
  /** Takes one from the pool: lo is up, nothing else is in it. */
  takeNamespace(name: string): Promise<NetworkNamespace>
  /** A namespace taken earlier, by this or an earlier process; null where there is none. */
  namespace(name: string): NetworkNamespace | null
  /** Gone after the answer; its links go with it. Unknown is not an error. */
  dropNamespace(name: string): void
  namespaces(): string[]
  /** Made, or mended where it is there already. Traffic of it is set up by `Firewall`. */
  ensureBridge(bridge: Bridge): Promise<void>
  removeBridge(name: string): Promise<void>
  bridges(): Promise<string[]>
  attach(attachment: Attachment): Promise<void>
  detach(namespace: string, ifName: string): Promise<void>
  /** Subnets (CIDR) that the machine's routes already use, so that none is given out twice. */
  usedSubnets(): Promise<string[]>
  /** Addresses of the host itself, v4 and v6, without scope. */
  hostAddresses(): string[]
  /** Per interface of the namespace, read from the kernel. */
  counters(namespace: string): Record<string, InterfaceCounters>
  /**
   * A bound socket inside the namespace; give the number to `dgram` (`socket.bind({ fd })`) or `net.Server`
   * (`listen({ fd })`), which then owns and closes it.
   */
  openSocket(namespace: string, protocol: 'udp' | 'tcp', address: string, port: number): number
}

// ------------------------------------------------------------------------------------------------------ firewall

export interface FirewallNetwork {
  bridge: string
  /** CIDR, v4 and v6. */
  subnets: string[]
  /** No way in or out but between its own members and the host's bridge address. */
  internal: boolean
  /** false: members cannot reach each other. */
  interContainer: boolean
  /** Rewrite the source address of what leaves the machine. */
  masquerade: boolean
}

export interface PublishedPort {
  protocol: 'tcp' | 'udp'
  /** null is every IPv4 address of the host. */
  hostAddress: string | null
  hostPort: number
  containerAddress: string
  containerPort: number
}

/** One nftables table per instance; every call is one transaction of the kernel. */
export interface Firewall {
  addNetwork(network: FirewallNetwork): Promise<void>
  removeNetwork(bridge: string): Promise<void>
  publish(ports: PublishedPort[]): Promise<void>
  /** Unknown ones are not an error. */
  unpublish(ports: PublishedPort[]): Promise<void>
  /** After a restart: the table becomes exactly this, in one transaction; established connections stay. */
  reconcile(networks: FirewallNetwork[], ports: PublishedPort[]): Promise<void>
}

export interface PortReservation extends AsyncDisposable {
  readonly port: number
  /** Where connections go that nftables does not see (::1, other IPv6): copied in this process. Undo with null. */
  forwardTo(target: { address: string; port: number } | null): void
}

/** Rejects with this when somebody else has the port or the address is not the host's. */
export interface PortFailure extends Error {
  readonly name: 'PortError'
  readonly code: 'EADDRINUSE' | 'EADDRNOTAVAIL' | 'EACCES'
}

export interface Ports {
  /** Holds a port of the host so that nobody else can have it. Port 0: a free one. address '0.0.0.0', '::', or one of the host's. */
  reserve(protocol: 'tcp' | 'udp', address: string, port: number): Promise<PortReservation>
}

// ---------------------------------------------------------------------------------------------------------- logs

export interface LogRecord {
  stream: 'stdout' | 'stderr'
  /** RFC 3339 with nanoseconds, UTC: 2026-11-24T10:10:00.123456789Z */
  time: string
  /** With its line feed, if it had one. A line longer than the runtime's buffer is several records. */
  data: Buffer
}

export interface ReadLogOptions {
  /** The last n lines only. */
  tail?: number
  /** A string is RFC 3339 in UTC with up to nine digits of a second. */
  since?: Date | string
  until?: Date | string
  /** Goes on until it is aborted. */
  follow?: boolean
  signal?: AbortSignal
  /** With `follow`: ends once this has resolved and everything written has been read. */
  ended?: Promise<unknown>
}

// ---------------------------------------------------------------------------------------------------------- host

export interface HostFacts {
  hostname: string
  kernelVersion: string
  /** PRETTY_NAME, ID and VERSION_ID of os-release. */
  os: { name: string; id: string; versionId: string }
  /** x86_64, aarch64 as uname has it. */
  machine: string
  cpus: number
  memoryBytes: number
  cgroup: 'v1' | 'hybrid' | 'v2'
  /** Controllers that limit: which of them the kernel offers. */
  controllers: {
    memory: boolean
    swap: boolean
    cpu: boolean
    cpuset: boolean
    pids: boolean
    blkio: boolean
    freezer: boolean
  }
  seccomp: boolean
  apparmor: boolean
  selinux: boolean
  cgroupNamespaces: boolean
  ipv4Forwarding: boolean
  /** Changes with each boot: tells a reboot from a restart of this process. */
  bootId: string
  crunVersion: string | null
  conmonVersion: string | null
}

/** One thing the rooms need from the machine. */
export interface MachineNeed {
  /** A program (crun), a library (libnftables.so.1), a kernel feature (overlay, bridge, veth, nf_tables) or a right (root). */
  name: string
  kind: 'program' | 'library' | 'kernel' | 'right'
  present: boolean
  /** The Debian package that brings it, for programs and libraries. */
  aptPackage: string | null
}
