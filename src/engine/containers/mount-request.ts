import { statSync } from 'node:fs'
import { posix } from 'node:path'
import { EngineError, invalid } from '../engine-error.ts'
import type { MountRequest } from '../shapes/index.ts'

export const propagationModes = new Set(['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared'])

/** @throws `invalid mount config for type "bind": …` */
export function validateMount(mount: MountRequest, options: { sourceMustExist?: boolean } = {}): void {
  const wrong = faultOf(mount, options.sourceMustExist ?? true)
  if (wrong !== undefined) throw invalid(`invalid mount config for type "${mount.Type ?? ''}": ${wrong}`)
}

function faultOf(mount: MountRequest, sourceMustExist: boolean): string | undefined {
  const { Type, Source = '', Target = '' } = mount
  const extra: [name: keyof MountRequest, type: string][] = [
    ['BindOptions', 'bind'],
    ['VolumeOptions', 'volume'],
    ['ImageOptions', 'image'],
    ['TmpfsOptions', 'tmpfs'],
    ['ClusterOptions', 'cluster'],
  ]
  for (const [name, type] of extra) {
    if (Type !== type && mount[name]) return `field ${name} must not be specified`
  }
  if (Target === '') return 'field Target must not be empty'
  if (posix.normalize(Target) === '/' || /^\/+$/.test(Target)) {
    return "invalid specification: destination can't be '/'"
  }
  if (!Target.startsWith('/')) return `invalid mount path: '${Target}' mount path must be absolute`
  switch (Type) {
    case 'bind':
      return bindFault(mount, Source, sourceMustExist)
    case 'volume':
      if (mount.VolumeOptions?.Subpath) {
        if (Source === '') return 'must not set Subpath when using anonymous volumes'
        return isLocal(mount.VolumeOptions.Subpath) ? undefined : subpathFault
      }
      return undefined
    case 'tmpfs':
      if (Source !== '') return 'field Source must not be specified'
      return tmpfsFault(mount)
    case 'image':
      if (Source === '') return 'field Source must not be empty'
      return mount.ImageOptions?.Subpath && !isLocal(mount.ImageOptions.Subpath) ? subpathFault : undefined
    default:
      return 'mount type unknown'
  }
}

const subpathFault = 'subpath must be a relative path within the volume'

function bindFault(mount: MountRequest, source: string, sourceMustExist: boolean): string | undefined {
  if (source === '') return 'field Source must not be empty'
  const propagation = mount.BindOptions?.Propagation
  if (propagation && !propagationModes.has(propagation)) return `invalid propagation mode: ${propagation}`
  if (!source.startsWith('/')) return `invalid mount path: '${source}' mount path must be absolute`
  if (sourceMustExist && !mount.BindOptions?.CreateMountpoint && !exists(source)) {
    return `bind source path does not exist: ${source}`
  }
  return undefined
}

function exists(path: string): boolean {
  try {
    statSync(path)
    return true
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return false
    throw new EngineError('system', (error as Error).message, { cause: error })
  }
}

/** Go's filepath.IsLocal: relative, and not out of its folder. */
function isLocal(path: string): boolean {
  const clean = posix.normalize(path)
  return path !== '' && !path.startsWith('/') && clean !== '..' && !clean.startsWith('../')
}

function tmpfsFault(mount: MountRequest): string | undefined {
  for (const option of mount.TmpfsOptions?.Options ?? []) {
    if (option.length < 1 || option.length > 2) return 'invalid option array length'
    if (!['exec', 'noexec'].includes(option[0] ?? '')) return `invalid option: ${option[0]}`
  }
  return undefined
}

/** `--mount type=tmpfs`'s options as mount(8) takes them. */
export function tmpfsText(mount: MountRequest): string {
  const options: string[] = mount.ReadOnly ? ['ro'] : []
  if (mount.TmpfsOptions?.Mode) options.push(`mode=${mount.TmpfsOptions.Mode.toString(8)}`)
  if (mount.TmpfsOptions?.SizeBytes) options.push(`size=${mount.TmpfsOptions.SizeBytes}`)
  for (const option of mount.TmpfsOptions?.Options ?? []) options.push(option.join('='))
  return options.join(',')
}
