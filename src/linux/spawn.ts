/**
 * Starts a program by posix_spawn(3). Node's own spawn forks, which copies the page tables of the whole daemon: several
 * milliseconds of the event loop against a fraction of one (docs/decisions/container-start.md).
 */
import koffi from 'koffi'
import { waitpidNow } from './libc.ts'
import { SystemError } from './system-error.ts'

const libc = koffi.load(null)
const call = {
  spawn: libc.func('int posix_spawn(_Out_ int *, const char *, uint8_t *, uint8_t *, const char **, const char **)'),
  actionsInit: libc.func('int posix_spawn_file_actions_init(_Out_ uint8_t *)'),
  actionsDestroy: libc.func('int posix_spawn_file_actions_destroy(_Inout_ uint8_t *)'),
  actionsDup2: libc.func('int posix_spawn_file_actions_adddup2(_Inout_ uint8_t *, int, int)'),
  actionsChdir: libc.func('int posix_spawn_file_actions_addchdir_np(_Inout_ uint8_t *, const char *)'),
  attributesInit: libc.func('int posix_spawnattr_init(_Out_ uint8_t *)'),
  attributesFlags: libc.func('int posix_spawnattr_setflags(_Inout_ uint8_t *, short)'),
  attributesDefault: libc.func('int posix_spawnattr_setsigdefault(_Inout_ uint8_t *, const uint8_t *)'),
  attributesMask: libc.func('int posix_spawnattr_setsigmask(_Inout_ uint8_t *, const uint8_t *)'),
}

function checked(errno: number, syscall: string, subject: string): void {
  if (errno !== 0) throw new SystemError(syscall, errno, subject)
}

/** Every signal at its default and none blocked: Node ignores SIGPIPE, and a child would inherit that. */
const attributes = (() => {
  const SETSIGDEF = 4
  const SETSIGMASK = 8
  const buffer = Buffer.alloc(512)
  checked(call.attributesInit(buffer), 'posix_spawnattr_init', '')
  checked(call.attributesFlags(buffer, SETSIGDEF | SETSIGMASK), 'posix_spawnattr_setflags', '')
  checked(call.attributesDefault(buffer, Buffer.alloc(128, 0xff)), 'posix_spawnattr_setsigdefault', '')
  checked(call.attributesMask(buffer, Buffer.alloc(128)), 'posix_spawnattr_setsigmask', '')
  return buffer
})()

export interface SpawnOptions {
  program: string
  args: string[]
  env: Record<string, string>
  cwd: string
  /** Descriptors of ours, by the number that the child sees. */
  fds: ReadonlyMap<number, number>
  /** It may outlive this process: it is reaped, but does not hold the event loop. */
  background?: boolean
}

export interface Spawned {
  pid: number
  /** Exit code, or 128 + signal. */
  exited: Promise<number>
}

interface Child {
  ended(exitCode: number): void
  background: boolean
}

const children = new Map<number, Child>()
/** Keeps the event loop alive while a child runs that somebody waits for, as a signal's listener does not. */
let alive: NodeJS.Timeout | undefined

/** The listener and the timer are there exactly while they are needed. */
function watchChildren(): void {
  const listening = process.listeners('SIGCHLD').includes(reap)
  if (children.size > 0 && !listening) process.on('SIGCHLD', reap)
  if (children.size === 0 && listening) process.off('SIGCHLD', reap)
  const foreground = children.values().some((child) => !child.background)
  if (foreground) alive ??= setInterval(reap, 1000)
  else if (alive !== undefined) {
    clearInterval(alive)
    alive = undefined
  }
}

function reap(): void {
  for (const [pid, child] of children) {
    const status = waitpidNow(pid)
    if (status === null) continue
    children.delete(pid)
    const signal = status & 0x7f
    child.ended(signal === 0 ? (status >> 8) & 0xff : 128 + signal)
  }
  watchChildren()
}

export function spawn(options: SpawnOptions): Spawned {
  const actions = Buffer.alloc(256)
  checked(call.actionsInit(actions), 'posix_spawn_file_actions_init', '')
  try {
    checked(call.actionsChdir(actions, options.cwd), 'posix_spawn_file_actions_addchdir_np', options.cwd)
    for (const [child, ours] of options.fds) {
      checked(call.actionsDup2(actions, ours, child), 'posix_spawn_file_actions_adddup2', String(ours))
    }
    const environment = Object.entries(options.env).map(([name, value]) => `${name}=${value}`)
    const pid = [0]
    const { promise, resolve } = Promise.withResolvers<number>()
    // Before it exists, so that the signal of its end cannot come too early.
    if (children.size === 0) process.on('SIGCHLD', reap)
    try {
      const argv = [options.program, ...options.args, null]
      const errno = call.spawn(pid, options.program, actions, attributes, argv, [...environment, null])
      checked(errno, 'posix_spawn', options.program)
      children.set(pid[0] ?? -1, { ended: resolve, background: options.background === true })
    } finally {
      watchChildren()
    }
    return { pid: pid[0] ?? -1, exited: promise }
  } finally {
    call.actionsDestroy(actions)
  }
}
