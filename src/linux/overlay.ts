/**
 * Overlay mounts. mount(2) takes one page (4096 bytes) of options, too little for the paths of a deep image. Then
 * fsconfig(2) names one layer per call (kernel 6.5); where that is missing, the layers are named by short links in a
 * folder that is reached through its descriptor, which does for some 200 layers but takes ten times as long.
 */
import { close, closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OverlayMount, Overlays } from './contract.ts'
import { mount, unmount } from './libc.ts'
import { mountByLayer } from './overlay-by-layer.ts'
import { SystemError } from './system-error.ts'

const pageBytes = 4095

/** Commas and backslashes part options, colons part layers. */
const escaped = (path: string, colon: boolean) => path.replace(colon ? /[\\,:]/g : /[\\,]/g, '\\$&')

function optionString({ lowerDirs, upperDir, workDir }: OverlayMount): string {
  const parts = [`lowerdir=${lowerDirs.map((dir) => escaped(dir, true)).join(':')}`]
  if (upperDir !== undefined) parts.push(`upperdir=${escaped(upperDir, false)}`)
  if (workDir !== undefined) parts.push(`workdir=${escaped(workDir, false)}`)
  return parts.join(',')
}

function mountByLinks(options: OverlayMount): void {
  const links = mkdtempSync(join(tmpdir(), 'layers-'))
  const folder = openSync(links, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    const lowerDirs = options.lowerDirs.map((layer, index) => {
      symlinkSync(layer, join(links, index.toString(36)))
      return `/proc/self/fd/${folder}/${index.toString(36)}`
    })
    const data = optionString({ ...options, lowerDirs })
    if (Buffer.byteLength(data) > pageBytes) {
      throw new Error(`Cannot mount an overlay: this kernel takes no ${lowerDirs.length} layers (${options.target})`)
    }
    mount('overlay', options.target, 'overlay', 0, data)
  } finally {
    closeSync(folder)
    rmSync(links, { recursive: true })
  }
}

function mountOverlay(options: OverlayMount): void {
  if (options.lowerDirs.length === 0) throw new Error(`Cannot mount an overlay without layers (${options.target})`)
  if ((options.upperDir === undefined) !== (options.workDir === undefined)) {
    throw new Error(`Cannot mount an overlay with only one of upperDir and workDir (${options.target})`)
  }
  const data = optionString(options)
  try {
    if (Buffer.byteLength(data) <= pageBytes) mount('overlay', options.target, 'overlay', 0, data)
    else if (!mountByLayer(options)) mountByLinks(options)
  } catch (error) {
    if (error instanceof SystemError && error.code === 'EBUSY') {
      throw new Error(`Cannot mount an overlay: its upper folder is in use (${options.target})`, { cause: error })
    }
    throw error
  }
}

/**
 * The last user of an overlay has to write everything that is unwritten on the upper file system to the disk, which may
 * take long. So a descriptor outlives the mount, and it is closed on a thread that nobody waits for.
 */
function unmountOverlay(target: string): void {
  let last: number
  try {
    last = openSync(target, constants.O_RDONLY | constants.O_DIRECTORY)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return
    throw error
  }
  try {
    unmount(target)
  } finally {
    close(last, (error) => {
      if (error) throw error
    })
  }
}

/** mountinfo(5) writes space, tab, line feed and backslash as three octal digits. */
const unescaped = (field: string) =>
  field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))

function overlayTargets(): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(' - overlay '))
    .map((line) => unescaped(line.split(' ')[4] ?? ''))
}

export const overlays: Overlays = {
  mount: mountOverlay,
  unmount: unmountOverlay,
  isMounted: (target) => overlayTargets().includes(target),
  mounted: (below) => overlayTargets().filter((target) => target.startsWith(below.endsWith('/') ? below : `${below}/`)),
}
