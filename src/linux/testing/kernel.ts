/** For the tests of this room: an opened kernel of its own, a root file system made of the host's, and a look for leftovers. */
import { createHash, randomBytes } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Linux, OciMount, OciSpec, OutputChunk } from '../index.ts'
import { enterMounts, openLinux } from '../index.ts'

export const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

let entered = false

export interface TestKernel extends AsyncDisposable {
  linux: Linux
  runtimeDir: string
  instance: string
  rootfs: string
  /** Ends the first process of the instance, as a restart of the daemon does, and opens it again. */
  reopen(): Promise<void>
  bundle(id: string): string
  spec(args: string[], change?: Partial<OciSpec['process']>): OciSpec
}

const hostFolders = ['usr', 'bin', 'sbin', 'lib', 'lib64']

function makeRootfs(rootfs: string): OciMount[] {
  const mounts: OciMount[] = []
  for (const name of ['proc', 'dev', 'sys', 'tmp', 'etc', 'root']) mkdirSync(join(rootfs, name), { recursive: true })
  for (const name of hostFolders.filter((folder) => existsSync(`/${folder}`))) {
    if (lstatSync(`/${name}`).isSymbolicLink()) symlinkSync(readlinkSync(`/${name}`), join(rootfs, name))
    else {
      mkdirSync(join(rootfs, name))
      mounts.push({ destination: `/${name}`, type: 'bind', source: `/${name}`, options: ['rbind', 'ro'] })
    }
  }
  return mounts
}

const capabilities = ['CAP_CHOWN', 'CAP_KILL', 'CAP_SETUID', 'CAP_SETGID', 'CAP_DAC_OVERRIDE', 'CAP_NET_BIND_SERVICE']

export async function openKernel(): Promise<TestKernel> {
  if (!entered) await enterMounts()
  entered = true
  const runtimeDir = mkdtempSync('/tmp/linux-room-')
  const instance = `t${randomBytes(3).toString('hex')}`
  const rootfs = join(runtimeDir, 'rootfs')
  mkdirSync(rootfs)
  const hostMounts = makeRootfs(rootfs)
  let linux = await openLinux({ runtimeDir, instance, log, warmNamespaces: 1 })
  return {
    get linux() {
      return linux
    },
    runtimeDir,
    instance,
    rootfs,
    async reopen() {
      await linux[Symbol.asyncDispose]()
      linux = await openLinux({ runtimeDir, instance, log, warmNamespaces: 1 })
    },
    bundle(id) {
      const folder = join(runtimeDir, 'bundles', id)
      mkdirSync(folder, { recursive: true })
      return folder
    },
    spec: (args, change = {}) => ({
      ociVersion: '1.0.2',
      process: {
        user: { uid: 0, gid: 0 },
        args,
        env: ['PATH=/usr/bin:/bin:/usr/sbin:/sbin'],
        cwd: '/',
        capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
        ...change,
      },
      root: { path: rootfs },
      hostname: 'test',
      mounts: [
        ...hostMounts,
        { destination: '/proc', type: 'proc', source: 'proc' },
        { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
        {
          destination: '/dev/pts',
          type: 'devpts',
          source: 'devpts',
          options: ['newinstance', 'ptmxmode=0666', 'gid=5'],
        },
      ],
      linux: {
        namespaces: [{ type: 'pid' }, { type: 'network' }, { type: 'ipc' }, { type: 'uts' }, { type: 'mount' }],
        resources: {},
      },
    }),
    async [Symbol.asyncDispose]() {
      await linux.release()
      await linux[Symbol.asyncDispose]()
      rmSync(runtimeDir, { recursive: true, force: true })
      const left = leftovers(runtimeDir, instance)
      if (left.length > 0) throw new Error(`The kernel keeps things of a test: ${left.join('; ')}`)
    },
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return '' // has ended meanwhile
  }
}

export function leftovers(runtimeDir: string, instance: string): string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(runtimeDir))
  const processes = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandLine(pid).includes(runtimeDir))
  const cgroups = readdirSync('/sys/fs/cgroup', { recursive: false, withFileTypes: true })
    .map((entry) => join('/sys/fs/cgroup', entry.name, `manufacture-${instance}`))
    .filter((path) => existsSync(path))
  const links = readdirSync('/sys/class/net').filter((name) => {
    const alias = `/sys/class/net/${name}/ifalias`
    return existsSync(alias) && readFileSync(alias, 'utf8').trim() === `manufacture ${instance}`
  })
  return [...mounts, ...processes.map((pid) => `process ${pid}`), ...cgroups, ...links]
}

export async function collect(output: AsyncIterable<OutputChunk>): Promise<{ stdout: string; stderr: string }> {
  const found = { stdout: '', stderr: '' }
  for await (const chunk of output) found[chunk.stream] += chunk.data.toString('latin1')
  return found
}

export const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex')
