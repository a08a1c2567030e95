import { createRequire } from 'node:module'
import { getSystemErrorMap } from 'node:util'
import { encodeName } from './name-bytes.ts'

/**
 * The few calls that node:fs lacks: extended attributes, device nodes, flushing a whole file system. Paths are names as
 * `decodeName` gives them; none of the calls follows a symbolic link in the last part.
 */
interface Libc {
  lsetxattr(path: Buffer, name: string, value: Uint8Array, size: number, flags: number): number
  fsetxattr(fd: number, name: string, value: Uint8Array, size: number, flags: number): number
  lgetxattr(path: Buffer, name: string, value: Buffer | null, size: number): number
  llistxattr(path: Buffer, list: Buffer | null, size: number): number
  lremovexattr(path: Buffer, name: string): number
  mknod(path: Buffer, mode: number, device: bigint): number
  syncfs(fd: number, done: (error: Error | null, result: number) => void): void
  errno(): number
}

let loaded: Libc | undefined

/** Loaded at the first call: most processes never need it. */
function libc(): Libc {
  if (loaded) return loaded
  const koffi: typeof import('koffi') = createRequire(import.meta.url)('koffi')
  const library = koffi.load(null)
  const syncfs = library.func('int syncfs(int fd)')
  loaded = {
    lsetxattr: library.func(
      'int lsetxattr(const void *path, const char *name, const void *value, size_t size, int flags)',
    ),
    fsetxattr: library.func('int fsetxattr(int fd, const char *name, const void *value, size_t size, int flags)'),
    lgetxattr: library.func('int64_t lgetxattr(const void *path, const char *name, void *value, size_t size)'),
    llistxattr: library.func('int64_t llistxattr(const void *path, void *list, size_t size)'),
    lremovexattr: library.func('int lremovexattr(const void *path, const char *name)'),
    mknod: library.func('int mknod(const void *path, uint32_t mode, uint64_t dev)'),
    syncfs: (fd, done) => syncfs.async(fd, done),
    errno: () => koffi.errno(),
  }
  return loaded
}

function failure(call: string, subject: string | number): NodeJS.ErrnoException {
  const errno = libc().errno()
  const [code = `E${errno}`, message = 'unknown error'] = getSystemErrorMap().get(-errno) ?? []
  const error: NodeJS.ErrnoException = new Error(`${code}: ${message}, ${call} '${subject}'`)
  return Object.assign(error, { code, errno: -errno, syscall: call, path: String(subject) })
}

function cString(path: string): Buffer {
  return Buffer.concat([encodeName(path), nul])
}

const nul = Buffer.alloc(1)

export function setXattr(path: string, name: string, value: Uint8Array): void {
  if (libc().lsetxattr(cString(path), name, value, value.byteLength, 0) < 0) throw failure('lsetxattr', path)
}

export function setFileXattr(fd: number, name: string, value: Uint8Array): void {
  if (libc().fsetxattr(fd, name, value, value.byteLength, 0) < 0) throw failure('fsetxattr', fd)
}

export function removeXattr(path: string, name: string): void {
  if (libc().lremovexattr(cString(path), name) < 0) throw failure('lremovexattr', path)
}

const scratch = Buffer.alloc(64 * 1024)

function names(path: Buffer, subject: string): string[] {
  const size = libc().llistxattr(path, scratch, scratch.length)
  if (size > 0) return scratch.toString('latin1', 0, size - 1).split('\0')
  if (size === 0) return []
  const error = failure('llistxattr', subject)
  if (error.code === 'ENOTSUP') return []
  throw error
}

/** Undefined where the attribute is not there. */
export function getXattr(path: string, name: string): Buffer | undefined {
  return attribute(cString(path), path, name)
}

function attribute(path: Buffer, subject: string, name: string): Buffer | undefined {
  const size = libc().lgetxattr(path, name, scratch, scratch.length)
  if (size >= 0) return Buffer.from(scratch.subarray(0, size))
  const error = failure('lgetxattr', subject)
  if (error.code === 'ENODATA' || error.code === 'ENOTSUP') return undefined
  throw error
}

/** Every extended attribute with its bytes; one call where there are none. */
export function allXattrs(path: string): Map<string, Buffer> {
  const bytes = cString(path)
  const found = new Map<string, Buffer>()
  for (const name of names(bytes, path)) {
    const value = attribute(bytes, path, name)
    if (value) found.set(name, value)
  }
  return found
}

export const nodeTypes = { fifo: 0o010000, character: 0o020000, block: 0o060000 } as const

/** A node: `mode` is type and permission bits. The umask applies. */
export function makeNode(path: string, mode: number, major = 0, minor = 0): void {
  if (libc().mknod(cString(path), mode, deviceNumber(major, minor)) < 0) throw failure('mknod', path)
}

/** glibc's gnu_dev_makedev. */
function deviceNumber(major: number, minor: number): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)]
  return (low & 0xffn) | ((high & 0xfffn) << 8n) | ((low & ~0xffn) << 12n) | ((high & ~0xfffn) << 32n)
}

export function deviceParts(device: number): { major: number; minor: number } {
  const value = BigInt(device)
  const major = ((value >> 8n) & 0xfffn) | ((value >> 32n) & 0xfffff000n)
  const minor = (value & 0xffn) | ((value >> 12n) & 0xffffff00n)
  return { major: Number(major), minor: Number(minor) }
}

/** Everything written so far to the file system of this open file is on disk when it resolves. Off the main loop. */
export function syncFileSystem(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    libc().syncfs(fd, (error, result) => {
      if (error) reject(error)
      else if (result < 0) reject(new Error(`syncfs failed on descriptor ${fd}`))
      else resolve()
    })
  })
}
