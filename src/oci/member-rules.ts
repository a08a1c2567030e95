import { diskError } from './blob-ingest.ts'
import { OciError } from './oci-error.ts'
import type { TarHeader } from './tar-entry.ts'

/** What was there is there no more, or is no folder any more. */
export function isGone(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'ENOENT' || code === 'ENOTDIR'
}

export function modifyTime(header: TarHeader): number {
  return Math.max(header.mtimeSeconds, 0)
}

export function accessTime(header: TarHeader): number {
  return Math.max(header.atimeSeconds ?? 0, header.mtimeSeconds, 0)
}

/** Overlay's own marks come from whiteouts alone: a layer that brings them by itself could lead the kernel astray. */
export function* keptXattrs(header: TarHeader): Iterable<readonly [string, Uint8Array]> {
  for (const [name, value] of header.xattrs ?? []) {
    if (!name.startsWith('trusted.overlay.') && !name.startsWith('user.overlay.')) yield [name, value]
  }
}

/** As Docker: an attribute that this file system or kind of file cannot have is left out. */
export function attempt(header: TarHeader, name: string, set: () => void): void {
  try {
    set()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    const userOnNode =
      code === 'EPERM' && name.startsWith('user.') && header.type !== 'file' && header.type !== 'directory'
    if (code !== 'ENOTSUP' && !userOnNode) throw error
  }
}

/** What the system said of a member, as the fault of the tar that it is. */
export function memberError(error: unknown, header: TarHeader): unknown {
  if (error instanceof OciError) return error
  const known = diskError(error, header.name)
  if (known instanceof OciError) return known
  const { code, message } = error as NodeJS.ErrnoException
  const why = /^[A-Z0-9]+: ([^,]*)/.exec(message)?.[1] ?? message
  return new OciError(
    code === 'ELOOP' || code === 'ENOTDIR' ? 'unsafe-path' : 'corrupt',
    `Cannot extract ${JSON.stringify(header.name)}: ${why}`,
    {
      cause: error,
    },
  )
}
