import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import type { Core } from '../core/core.ts'
import { system } from '../engine-error.ts'
import type { SpecMount } from '../spec/index.ts'

/** Where Docker puts it. */
export const initInContainer = '/sbin/docker-init'

// The program has to run in any image: each of these is packaged linked statically under at least one of its names.
const names = ['docker-init', 'tini-static', 'catatonit', 'tini']
const folders = [
  '/usr/local/libexec/docker',
  '/usr/libexec/docker',
  '/usr/libexec/podman',
  '/usr/libexec/catatonit',
  '/usr/local/bin',
  '/usr/bin',
  '/usr/sbin',
  '/bin',
]

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export function findInit(configured: string | undefined): string | undefined {
  if (configured) return executable(configured) ? configured : undefined
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name)
      if (executable(path)) return path
    }
  }
  return undefined
}

/** @throws Docker's sentence where the machine has none */
export function initMount(core: Core): SpecMount {
  const source = findInit(core.options.initBinary)
  if (!source) throw system('exec: "docker-init": executable file not found in $PATH')
  return {
    type: 'bind',
    source,
    destination: initInContainer,
    writable: false,
    propagation: '',
    nonRecursive: true,
    readOnlyNonRecursive: true,
  }
}
