/**
 * Network namespaces without a process in them.
 *
 *   <runtimeDir>/namespaces/<number>     a file with the namespace bound onto it
 *   <runtimeDir>/namespaces/by-name/<name>   a link to the one that has been taken; those without a link are ready
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { NetworkNamespace } from './contract.ts'
import { CLONE, fileSystemType, MS, mount, setns, unmount, unshare } from './libc.ts'
import { setLinkUp } from './links.ts'
import { Netlink } from './netlink.ts'

const NSFS_MAGIC = 0x6e736673
const threadNamespace = '/proc/thread-self/ns/net'
const ipv6Default = '/proc/sys/net/ipv6/conf/default/disable_ipv6'

/** Runs `work` with the calling thread in the namespace. Nothing in it may wait: other work would run there too. */
export function within<T>(path: string, work: () => T): T {
  const home = openSync(threadNamespace, 'r')
  try {
    const there = openSync(path, 'r')
    try {
      setns(there, CLONE.NEWNET)
    } finally {
      closeSync(there)
    }
    try {
      return work()
    } finally {
      setns(home, CLONE.NEWNET)
    }
  } finally {
    closeSync(home)
  }
}

export class Namespaces {
  readonly #folder: string
  readonly #byName: string
  readonly #taken = new Map<string, string>()
  readonly #warm: string[] = []
  readonly #wanted: number
  #last = 0
  #filling: NodeJS.Immediate | undefined

  constructor(runtimeDir: string, warm: number) {
    this.#folder = join(runtimeDir, 'namespaces')
    this.#byName = join(this.#folder, 'by-name')
    this.#wanted = warm
    mkdirSync(this.#byName, { recursive: true, mode: 0o700 })
    this.#recover()
    this.#fill()
  }

  take(name: string): NetworkNamespace {
    if (this.#taken.has(name)) throw new Error(`Cannot make a network namespace: the name is taken (${name})`)
    const path = this.#warm.pop() ?? this.#make()
    this.#fill()
    symlinkSync(path, join(this.#byName, name))
    this.#taken.set(name, path)
    return { name, path }
  }

  get(name: string): NetworkNamespace | null {
    const path = this.#taken.get(name)
    return path === undefined ? null : { name, path }
  }

  drop(name: string): void {
    const path = this.#taken.get(name)
    if (path === undefined) return
    this.#taken.delete(name)
    unlinkSync(join(this.#byName, name))
    this.#remove(path)
  }

  names(): string[] {
    return [...this.#taken.keys()]
  }

  /** Stops the filling; what is ready stays for the next process. */
  close(): void {
    clearImmediate(this.#filling)
    this.#filling = undefined
  }

  release(): void {
    this.close()
    for (const name of this.names()) this.drop(name)
    for (const path of this.#warm.splice(0)) this.#remove(path)
  }

  #recover(): void {
    for (const file of readdirSync(this.#folder)) {
      const path = join(this.#folder, file)
      if (path === this.#byName) continue
      this.#last = Math.max(this.#last, Number(file))
      if (fileSystemType(path) === NSFS_MAGIC) this.#warm.push(path)
      else unlinkSync(path)
    }
    for (const name of readdirSync(this.#byName)) {
      const path = readlinkSync(join(this.#byName, name))
      const at = this.#warm.indexOf(path)
      if (at < 0) {
        unlinkSync(join(this.#byName, name))
        continue
      }
      this.#warm.splice(at, 1)
      this.#taken.set(name, path)
    }
  }

  #remove(path: string): void {
    unmount(path)
    unlinkSync(path)
  }

  /** One per turn of the event loop, half a millisecond each, after what is to be done now. */
  #fill(): void {
    if (this.#filling !== undefined || this.#warm.length >= this.#wanted) return
    this.#filling = setImmediate(() => {
      this.#filling = undefined
      this.#warm.push(this.#make())
      this.#fill()
    })
  }

  #make(): string {
    const path = join(this.#folder, String(++this.#last))
    writeFileSync(path, '')
    const home = openSync(threadNamespace, 'r')
    try {
      unshare(CLONE.NEWNET)
      try {
        mount(threadNamespace, path, null, MS.BIND, null)
        using netlink = new Netlink()
        setLinkUp(netlink, 'lo')
        // Interfaces get IPv6 when they are given an address of it; lo keeps ::1.
        if (existsSync(ipv6Default)) writeFileSync(ipv6Default, '1')
      } finally {
        setns(home, CLONE.NEWNET)
      }
    } catch (error) {
      this.#remove(path)
      throw error
    } finally {
      closeSync(home)
    }
    return path
  }
}
