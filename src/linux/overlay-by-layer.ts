import koffi from 'koffi'
import type { OverlayMount } from './contract.ts'
import { checked, close } from './libc.ts'
import { SystemError } from './system-error.ts'

/** The C library has these calls since 2.36; null before. */
const calls = (() => {
  const libc = koffi.load(null)
  if (!hasSymbol(libc, 'fsopen')) return null
  return {
    fsopen: libc.func('int fsopen(const char *, uint)'),
    fsconfig: libc.func('int fsconfig(int, uint, const char *, const char *, int)'),
    fsmount: libc.func('int fsmount(int, uint, uint)'),
    moveMount: libc.func('int move_mount(int, const char *, int, const char *, uint)'),
  }
})()

function hasSymbol(library: ReturnType<typeof koffi.load>, name: string): boolean {
  try {
    library.symbol(name, 'void *')
    return true
  } catch {
    return false
  }
}

let kernelHasIt = true

const FSCONFIG_SET_STRING = 1
const FSCONFIG_CMD_CREATE = 6
const CLOEXEC = 1
const MOVE_MOUNT_F_EMPTY_PATH = 4
const AT_FDCWD = -100

/** False where the C library or the kernel (before 6.5) has no such interface; nothing is mounted then. */
export function mountByLayer(options: OverlayMount): boolean {
  if (calls === null || !kernelHasIt) return false
  const context = checked(calls.fsopen('overlay', CLOEXEC), 'fsopen', options.target)
  try {
    const set = (key: string, value: string) =>
      checked(calls.fsconfig(context, FSCONFIG_SET_STRING, key, value, 0), `fsconfig ${key}`, value)
    try {
      for (const layer of options.lowerDirs) set('lowerdir+', layer)
    } catch (error) {
      if (!(error instanceof SystemError && error.code === 'EINVAL')) throw error
      kernelHasIt = false
      return false
    }
    if (options.upperDir !== undefined) set('upperdir', options.upperDir)
    if (options.workDir !== undefined) set('workdir', options.workDir)
    checked(calls.fsconfig(context, FSCONFIG_CMD_CREATE, null, null, 0), 'fsconfig create', options.target)
    const tree = checked(calls.fsmount(context, CLOEXEC, 0), 'fsmount', options.target)
    try {
      checked(
        calls.moveMount(tree, '', AT_FDCWD, options.target, MOVE_MOUNT_F_EMPTY_PATH),
        'move_mount',
        options.target,
      )
    } finally {
      close(tree)
    }
    return true
  } finally {
    close(context)
  }
}
