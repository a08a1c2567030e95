/** The C library's calls that Node has no door to. Each wrapper throws `SystemError`; all are synchronous. */
import koffi from 'koffi'
import { SystemError } from './system-error.ts'

const libc = koffi.load(null)

const calls = {
  mount: libc.func('int mount(const char *, const char *, const char *, ulong, const char *)'),
  umount2: libc.func('int umount2(const char *, int)'),
  unshare: libc.func('int unshare(int)'),
  setns: libc.func('int setns(int, int)'),
  pipe2: libc.func('int pipe2(_Out_ int *, int)'),
  dup3: libc.func('int dup3(int, int, int)'),
  close: libc.func('int close(int)'),
  socket: libc.func('int socket(int, int, int)'),
  socketpair: libc.func('int socketpair(int, int, int, _Out_ int *)'),
  bind: libc.func('int bind(int, const uint8_t *, int)'),
  connect: libc.func('int connect(int, const uint8_t *, int)'),
  listen: libc.func('int listen(int, int)'),
  setsockopt: libc.func('int setsockopt(int, int, int, const int *, int)'),
  send: libc.func('long send(int, const uint8_t *, size_t, int)'),
  recv: libc.func('long recv(int, _Out_ uint8_t *, size_t, int)'),
  waitpid: libc.func('int waitpid(int, _Out_ int *, int)'),
  kill: libc.func('int kill(int, int)'),
  ioctl: libc.func('int ioctl(int, ulong, const uint8_t *)'),
  statfs: libc.func('int statfs(const char *, _Out_ uint8_t *)'),
}

export function checked(result: number, syscall: string, subject?: string): number {
  if (result < 0) throw new SystemError(syscall, koffi.errno(), subject)
  return result
}

export const MS = {
  RDONLY: 1,
  NOSUID: 2,
  NODEV: 4,
  NOEXEC: 8,
  BIND: 4096,
  MOVE: 8192,
  REMOUNT: 32,
  REC: 16384,
  PRIVATE: 1 << 18,
  SLAVE: 1 << 19,
} as const

export function mount(source: string, target: string, type: string | null, flags: number, data: string | null): void {
  checked(calls.mount(source, target, type, flags, data), 'mount', target)
}

/** False where nothing is mounted there. Always detaches: a busy mount goes when its last user goes. */
export function unmount(target: string): boolean {
  const MNT_DETACH = 2
  const UMOUNT_NOFOLLOW = 8
  if (calls.umount2(target, MNT_DETACH | UMOUNT_NOFOLLOW) === 0) return true
  const error = new SystemError('umount', koffi.errno(), target)
  if (error.code === 'EINVAL' || error.code === 'ENOENT') return false
  throw error
}

export const CLONE = { FS: 0x200, NEWNS: 0x20000, NEWNET: 0x40000000 } as const

/** Only for the calling thread. */
export function unshare(flags: number): void {
  checked(calls.unshare(flags), 'unshare')
}

/** Only for the calling thread. */
export function setns(fd: number, kind: number): void {
  checked(calls.setns(fd, kind), 'setns')
}

const O_CLOEXEC = 0o2000000

/** Both ends close on exec. */
export function pipe(): { read: number; write: number } {
  const ends = [0, 0]
  checked(calls.pipe2(ends, O_CLOEXEC), 'pipe2')
  return { read: ends[0] ?? -1, write: ends[1] ?? -1 }
}

export function dupOver(from: number, to: number): void {
  checked(calls.dup3(from, to, O_CLOEXEC), 'dup3')
}

export function close(fd: number): void {
  checked(calls.close(fd), 'close', String(fd))
}

export const AF = { UNIX: 1, INET: 2, INET6: 10, NETLINK: 16 } as const
export const SOCK = { STREAM: 1, DGRAM: 2, RAW: 3, SEQPACKET: 5 } as const
const SOCK_CLOEXEC = O_CLOEXEC
const SOCK_NONBLOCK = 0o4000

export function socket(family: number, type: number, protocol = 0): number {
  return checked(calls.socket(family, type | SOCK_CLOEXEC, protocol), 'socket')
}

export function socketpair(): [number, number] {
  const ends = [0, 0]
  checked(calls.socketpair(AF.UNIX, SOCK.STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 'socketpair')
  return [ends[0] ?? -1, ends[1] ?? -1]
}

export function bind(fd: number, address: Uint8Array, subject: string): void {
  checked(calls.bind(fd, address, address.length), 'bind', subject)
}

export function connect(fd: number, address: Uint8Array, subject: string): void {
  checked(calls.connect(fd, address, address.length), 'connect', subject)
}

export function listen(fd: number, backlog: number): void {
  checked(calls.listen(fd, backlog), 'listen')
}

export function setSocketOption(fd: number, level: number, option: number, value: number): void {
  checked(calls.setsockopt(fd, level, option, [value], 4), 'setsockopt')
}

export function send(fd: number, bytes: Uint8Array): void {
  checked(Number(calls.send(fd, bytes, bytes.length, 0)), 'send')
}

/** Waits for the next datagram; the view is valid until the buffer is used again. */
export function receive(fd: number, into: Buffer): Buffer {
  return into.subarray(0, checked(Number(calls.recv(fd, into, into.length, 0)), 'recv'))
}

/** null while it runs; otherwise the wait status. */
export function waitpidNow(pid: number): number | null {
  const WNOHANG = 1
  const status = [0]
  const reaped = checked(calls.waitpid(pid, status, WNOHANG), 'waitpid', String(pid))
  return reaped === 0 ? null : (status[0] ?? 0)
}

/** False where there is no such process. */
export function kill(pid: number, signal: number): boolean {
  if (calls.kill(pid, signal) === 0) return true
  const error = new SystemError('kill', koffi.errno(), String(pid))
  if (error.code === 'ESRCH') return false
  throw error
}

/** rows and columns of the terminal behind a descriptor. */
export function setTerminalSize(fd: number, rows: number, columns: number): void {
  const TIOCSWINSZ = 0x5414
  const size = Buffer.alloc(8)
  size.writeUInt16LE(rows, 0)
  size.writeUInt16LE(columns, 2)
  checked(calls.ioctl(fd, TIOCSWINSZ, size), 'ioctl TIOCSWINSZ')
}

/** The magic number of the file system at a path (statfs(2)); null where there is nothing. */
export function fileSystemType(path: string): number | null {
  const buffer = Buffer.alloc(256)
  if (calls.statfs(path, buffer) !== 0) return null
  return Number(buffer.readBigInt64LE(0))
}

/** A sockaddr_un; a path too long for it throws. */
export function unixAddress(path: string): Buffer {
  const bytes = Buffer.from(path)
  if (bytes.length > 107) throw new Error(`Cannot address a socket: the path is longer than 107 bytes (${path})`)
  const address = Buffer.alloc(110)
  address.writeUInt16LE(AF.UNIX, 0)
  bytes.copy(address, 2)
  return address
}
