import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { MachineNeed } from './contract.ts'
import type { KernelNetworking } from './kernel-probe.ts'
import { findProgram } from './programs.ts'

/** Program → the Debian package that brings it. */
const programs: Record<string, string> = {
  crun: 'crun',
  conmon: 'conmon',
  nft: 'nftables',
  ip: 'iproute2',
  ps: 'procps',
  mmdebstrap: 'mmdebstrap',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  mount: 'mount',
}

const libraries: Record<string, string> = {
  'libnftables.so.1': 'libnftables1',
}

function libraryPresent(name: string): boolean {
  const roots = ['/usr/lib', '/lib', '/usr/local/lib', '/usr/lib64', '/lib64']
  const folders = roots
    .filter((root) => existsSync(root))
    .flatMap((root) => [
      root,
      ...readdirSync(root)
        .filter((entry) => entry.includes('-linux-'))
        .map((entry) => join(root, entry)),
    ])
  return folders.some((folder) => existsSync(join(folder, name)))
}

/** A module that is not loaded yet is loaded by the first mount. */
function overlayModule(): string {
  const release = readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim()
  return `/lib/modules/${release}/kernel/fs/overlayfs`
}

/** Without root nothing can be asked, and root is what is missing then. */
function networking(asRoot: boolean): KernelNetworking {
  if (!asRoot) return { bridge: true, veth: true, nf_tables: true }
  // Only now: what it needs (foreign functions) may itself be missing while this program is being installed.
  const { probeNetworking }: typeof import('./kernel-probe.ts') = createRequire(import.meta.url)('./kernel-probe.ts')
  return probeNetworking()
}

/** What `doctor` shows; nothing is changed. */
export function machineNeeds(): MachineNeed[] {
  const asRoot = process.getuid?.() === 0
  const overlay = readFileSync('/proc/filesystems', 'utf8')
    .split('\n')
    .some((line) => line.endsWith('\toverlay'))
  const kernel = { overlay: overlay || existsSync(overlayModule()), ...networking(asRoot) }
  const need = (kind: MachineNeed['kind'], name: string, present: boolean, aptPackage: string | null = null) => ({
    kind,
    name,
    present,
    aptPackage,
  })
  return [
    need('right', 'root', asRoot),
    ...Object.entries(programs).map(([name, apt]) => need('program', name, findProgram(name) !== null, apt)),
    ...Object.entries(libraries).map(([name, apt]) => need('library', name, libraryPresent(name), apt)),
    ...Object.entries(kernel).map(([name, present]) => need('kernel', name, present)),
  ]
}
