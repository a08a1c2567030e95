import { readFileSync, realpathSync, statSync } from 'node:fs'
import type { OciMount } from '../../linux/index.ts'
import { invalid, system } from '../engine-error.ts'

/** A mount of the user's, resolved: its source exists. */
export type SpecMount =
  | {
      type: 'bind'
      source: string
      destination: string
      writable: boolean
      /** '' is private. */
      propagation: string
      nonRecursive?: boolean
      readOnlyNonRecursive?: boolean
      readOnlyForceRecursive?: boolean
    }
  | { type: 'tmpfs'; destination: string /** mount(8)'s, by commas */; options: string }

const sharedPropagation = new Set(['shared', 'rshared'])
const slavePropagation = new Set(['slave', 'rslave'])

/** What every container sees, before the user's own. */
export function defaultMounts(shmSizeBytes: number): OciMount[] {
  const quiet = ['nosuid', 'noexec', 'nodev']
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: quiet },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
    },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...quiet, 'ro'] },
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro', ...quiet] },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: quiet },
    {
      destination: '/dev/shm',
      type: 'tmpfs',
      source: 'shm',
      options: [...quiet, 'mode=1777', `size=${shmSizeBytes}`],
    },
  ]
}

const opposite: Record<string, string> = {
  rw: 'ro',
  ro: 'rw',
  exec: 'noexec',
  noexec: 'exec',
  suid: 'nosuid',
  nosuid: 'suid',
  dev: 'nodev',
  nodev: 'dev',
  sync: 'async',
  async: 'sync',
  atime: 'noatime',
  noatime: 'atime',
  diratime: 'nodiratime',
  nodiratime: 'diratime',
  relatime: 'norelatime',
  norelatime: 'relatime',
  strictatime: 'nostrictatime',
  nostrictatime: 'strictatime',
}
const tmpfsFlags = new Set([...Object.keys(opposite), 'defaults', 'dirsync', 'mand', 'nomand', 'bind', 'rbind'])
const tmpfsKeys = new Set(['mode', 'gid', 'uid', 'size', 'nr_inodes', 'nr_blocks', 'mpol'])
const propagationFlags = new Set(['private', 'shared', 'slave', 'unbindable'].flatMap((mode) => [mode, `r${mode}`]))

/** Docker's options for a tmpfs with the user's over them; later ones win. */
export function tmpfsOptions(text: string): string[] {
  const merged = new Map<string, string>()
  for (const option of ['noexec', 'nosuid', 'nodev', 'rprivate', ...text.split(',').filter(Boolean)]) {
    const [key = '', value] = option.split('=', 2)
    if (value !== undefined ? !tmpfsKeys.has(key) : !tmpfsFlags.has(key) && !propagationFlags.has(key)) {
      throw invalid(value !== undefined ? `Invalid tmpfs option "${option}"` : `Invalid tmpfs option "${key}"`)
    }
    if (option === 'defaults') continue
    merged.delete(opposite[key] ?? '')
    merged.delete(key)
    merged.set(key, option)
  }
  return [...merged.values()]
}

interface HostMount {
  point: string
  optional: string
}

/** The mount that holds a path, from /proc/self/mountinfo. */
function mountOf(path: string): HostMount | undefined {
  let best: HostMount | undefined
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const fields = line.split(' ')
    const point = (fields[4] ?? '').replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)))
    if (point === '' || !(path === point || point === '/' || path.startsWith(`${point}/`))) continue
    if (!best || point.length >= best.point.length) {
      best = { point, optional: fields.slice(6, fields.indexOf('-')).join(' ') }
    }
  }
  return best
}

function requirePropagation(source: string, kinds: readonly string[], words: string): void {
  const real = realpathSync(source)
  const mount = mountOf(real)
  if (!mount) throw system(`Can't find mount point of ${real}`)
  if (!kinds.some((kind) => mount.optional.includes(kind))) {
    throw system(`path ${source} is mounted on ${mount.point} but it is not a ${words} mount`)
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? true
}

function bindMount(mount: SpecMount & { type: 'bind' }): OciMount {
  const options = [mount.nonRecursive ? 'bind' : 'rbind']
  if (!mount.writable) {
    if (mount.readOnlyNonRecursive && mount.readOnlyForceRecursive) {
      throw invalid('mount options conflict: ReadOnlyNonRecursive && ReadOnlyForceRecursive')
    }
    // crun opens what it makes recursively read-only as a folder, and a file has no mounts below it
    options.push(mount.readOnlyNonRecursive || !isFolder(mount.source) ? 'ro' : 'rro')
  }
  if (mount.propagation) options.push(mount.propagation)
  return { destination: mount.destination, type: 'bind', source: mount.source, options }
}

export interface MountPlan {
  mounts: OciMount[]
  rootfsPropagation: 'shared' | 'rslave' | undefined
}

export interface MountOptions {
  shmSizeBytes: number
  /** IpcMode none has no /dev/shm. */
  withoutShm?: boolean
  readonlyRootfs?: boolean
  privileged?: boolean
  writableCgroups?: boolean
}

const depth = (path: string) => path.split('/').filter(Boolean).length

/** The defaults, without those that the user replaces, then the user's, parents before children. */
export function planMounts(userMounts: readonly SpecMount[], options: MountOptions): MountPlan {
  const sorted = userMounts.toSorted((a, b) => depth(a.destination) - depth(b.destination))
  const taken = new Set(sorted.map((mount) => mount.destination))
  const mounts = defaultMounts(options.shmSizeBytes).filter(
    ({ destination }) =>
      !taken.has(destination) &&
      !(taken.has('/dev') && destination.startsWith('/dev/')) &&
      !(options.withoutShm && destination === '/dev/shm'),
  )
  let rootfsPropagation: MountPlan['rootfsPropagation']
  for (const mount of sorted) {
    if (mount.type === 'tmpfs') {
      mounts.push({
        destination: mount.destination,
        type: 'tmpfs',
        source: 'tmpfs',
        options: tmpfsOptions(mount.options),
      })
      continue
    }
    if (sharedPropagation.has(mount.propagation)) {
      // The engine's own mount namespace is a slave of the host's: what is shared there says `master` here.
      requirePropagation(mount.source, ['shared:', 'master:'], 'shared')
      rootfsPropagation = 'shared'
    } else if (slavePropagation.has(mount.propagation)) {
      requirePropagation(mount.source, ['shared:', 'master:'], 'shared or slave')
      rootfsPropagation ??= 'rslave'
    }
    mounts.push(bindMount(mount))
  }
  const keepWritable = new Set(['/proc', '/dev/pts', '/dev/shm', '/dev/mqueue', '/dev'])
  for (const mount of mounts) {
    const { destination } = mount
    let flags = mount.options ?? []
    if (options.readonlyRootfs && !keepWritable.has(destination) && !taken.has(destination) && !flags.includes('ro')) {
      flags = [...flags, 'ro']
    }
    if (options.privileged && destination === '/sys') flags = flags.filter((flag) => flag !== 'ro')
    if ((options.writableCgroups ?? options.privileged) && mount.type === 'cgroup') {
      flags = flags.filter((flag) => flag !== 'ro')
    }
    mount.options = flags
  }
  return { mounts, rootfsPropagation }
}
