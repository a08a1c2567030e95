import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MachineNeed } from './contract.ts'
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

/** Built in, loaded, or a module that the kernel will load when it is first used. */
function kernelHas(feature: string): boolean {
  if (
    readFileSync('/proc/filesystems', 'utf8')
      .split('\n')
      .some((line) => line.split('\t')[1] === feature)
  )
    return true
  if (existsSync(`/sys/module/${feature}`)) return true
  const folder = `/lib/modules/${readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim()}`
  return ['modules.builtin', 'modules.dep'].some((list) => {
    const path = join(folder, list)
    return existsSync(path) && new RegExp(`/${feature}\\.ko`, 'm').test(readFileSync(path, 'utf8'))
  })
}

/** Kernels without a modules folder have everything built in and say so in kallsyms. */
function kernelSymbols(): Set<string> {
  const wanted = ['br_add_if', 'veth_newlink', 'nf_tables_newtable', 'ovl_fill_super']
  const text = existsSync('/proc/kallsyms') ? readFileSync('/proc/kallsyms', 'utf8') : ''
  return new Set(wanted.filter((symbol) => text.includes(` ${symbol}\n`) || text.includes(` ${symbol}\t`)))
}

/** What `doctor` shows; nothing is changed. */
export function machineNeeds(): MachineNeed[] {
  const needs: MachineNeed[] = [
    { name: 'root', kind: 'right', present: process.getuid?.() === 0, aptPackage: null },
    ...Object.entries(programs).map(
      ([name, aptPackage]): MachineNeed => ({ name, kind: 'program', present: findProgram(name) !== null, aptPackage }),
    ),
    ...Object.entries(libraries).map(
      ([name, aptPackage]): MachineNeed => ({ name, kind: 'library', present: libraryPresent(name), aptPackage }),
    ),
  ]
  const features: Record<string, string> = {
    overlay: 'ovl_fill_super',
    bridge: 'br_add_if',
    veth: 'veth_newlink',
    nf_tables: 'nf_tables_newtable',
  }
  const byModule = new Map(Object.keys(features).map((feature) => [feature, kernelHas(feature)]))
  const symbols = [...byModule.values()].every((present) => present) ? new Set<string>() : kernelSymbols()
  for (const [name, symbol] of Object.entries(features)) {
    needs.push({ name, kind: 'kernel', present: byModule.get(name) === true || symbols.has(symbol), aptPackage: null })
  }
  return needs
}
