/** For the tests of this room: an engine of its own on the real kernel, with an image made of this machine's programs. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { enterMounts, type Linux, type OutputChunk, openLinux } from '../../linux/index.ts'
import { type Content, openContent, packTree, parseNormalizedName } from '../../oci/index.ts'
import { openImageTransfer } from '../../registry/index.ts'
import type { Attachment, Engine, EngineOptions } from '../contract.ts'
import { openEngine } from '../open-engine.ts'
import type { ContainerConfig, HostConfig } from '../shapes/index.ts'

export const quietLog = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

const programs = [
  'sh',
  'cat',
  'sleep',
  'true',
  'false',
  'ls',
  'id',
  'env',
  'grep',
  'touch',
  'rm',
  'mkdir',
  'stat',
  'head',
  'hostname',
]

/** A root file system with a few of this machine's programs and the libraries that they need. */
function makeRootfs(root: string): void {
  for (const name of ['bin', 'etc', 'proc', 'dev', 'sys', 'tmp', 'root', 'data'])
    mkdirSync(join(root, name), { recursive: true })
  for (const name of ['lib', 'lib64', 'usr/lib', 'sbin']) mkdirSync(join(root, name), { recursive: true })
  const libraries = new Set<string>()
  for (const program of programs) {
    const path = execFileSync('sh', ['-c', `command -v ${program} || true`], { encoding: 'utf8' }).trim()
    const source = path.startsWith('/') ? path : `/bin/${program}`
    if (!existsSync(source)) continue
    copyFileSync(realpathSync(source), join(root, 'bin', program))
    const listing = execFileSync('ldd', [source], { encoding: 'utf8' })
    for (const [, library] of listing.matchAll(/(\/\S+)\s+\(0x/g)) if (library) libraries.add(library)
  }
  for (const library of libraries) {
    mkdirSync(join(root, dirname(library)), { recursive: true })
    copyFileSync(realpathSync(library), join(root, library))
  }
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nweb:x:1001:1001::/tmp:/bin/sh\n')
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nweb:x:1001:\nstaff:x:50:web\n')
  writeFileSync(join(root, 'data/seed'), 'from the image\n')
  symlinkSync('/etc/passwd', join(root, 'link'))
}

export interface TestEngine extends AsyncDisposable {
  engine: Engine
  linux: Linux
  content: Content
  stateDir: string
  /** As a kill -9 and a new start: nothing of the first engine is told that it ends. */
  restart(): Promise<void>
  run(command: string[], more?: RunOptions): Promise<{ id: string; exitCode: number; stdout: string; stderr: string }>
  start(command: string[], more?: RunOptions): Promise<string>
}

export interface RunOptions {
  name?: string
  config?: ContainerConfig
  hostConfig?: HostConfig
}

export async function collect(attachment: Attachment): Promise<{ stdout: string; stderr: string }> {
  const text = { stdout: '', stderr: '' }
  for await (const chunk of attachment.output as AsyncIterable<OutputChunk>) text[chunk.stream] += chunk.data.toString()
  return text
}

let entered = false

export async function testEngine(options: Partial<EngineOptions> = {}): Promise<TestEngine> {
  if (!entered) await enterMounts()
  entered = true
  const folder = mkdtempSync('/tmp/engine-room-')
  const runtimeDir = join(folder, 'run')
  const stateDir = join(folder, 'state')
  mkdirSync(runtimeDir)
  const instance = `e${randomBytes(3).toString('hex')}`
  const open = async () => {
    const linux = await openLinux({ runtimeDir, instance, log: quietLog, warmNamespaces: 1 })
    const content = await openContent({ folder: join(folder, 'content'), log: quietLog })
    const transfer = openImageTransfer({ content, log: quietLog })
    const engine = await openEngine({
      stateDir,
      runtimeDir,
      instanceId: instance,
      linux,
      content,
      transfer,
      log: quietLog,
      ...options,
    })
    return { linux, content, engine }
  }
  let parts = await open()
  const rootfs = join(folder, 'rootfs')
  makeRootfs(rootfs)
  const image = await parts.content.importRootfs(packTree(rootfs, { rename: '' }), {
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    created: '2026-01-01T00:00:00Z',
    config: { Cmd: ['sh'], Env: ['COLOR=blue'], Labels: { from: 'image' } },
  })
  await parts.content.images.tag(image.id, parseNormalizedName('tools:latest'))
  const request = (command: string[], more: RunOptions) => ({
    ...(more.name && { name: more.name }),
    config: { Image: 'tools', Cmd: command, ...more.config },
    hostConfig: { NetworkMode: 'none', ...more.hostConfig },
  })
  return {
    get engine() {
      return parts.engine
    },
    get linux() {
      return parts.linux
    },
    get content() {
      return parts.content
    },
    stateDir,
    async restart() {
      await parts.engine[Symbol.asyncDispose]()
      await parts.content[Symbol.asyncDispose]()
      await parts.linux[Symbol.asyncDispose]()
      parts = await open()
    },
    async run(command, more = {}) {
      const { engine } = parts
      const { Id: id } = await engine.containers.create(request(command, more))
      const attachment = await engine.containers.attach(id, { stdout: true, stderr: true, stream: true })
      const output = collect(attachment)
      const waiting = engine.containers.wait(id, 'next-exit')
      await engine.containers.start(id)
      const { StatusCode } = await waiting.ended
      return { id, exitCode: StatusCode, ...(await output) }
    },
    async start(command, more = {}) {
      const { Id } = await parts.engine.containers.create(request(command, more))
      await parts.engine.containers.start(Id)
      return Id
    },
    async [Symbol.asyncDispose]() {
      await parts.engine.release()
      await parts.engine[Symbol.asyncDispose]()
      await parts.content[Symbol.asyncDispose]()
      await parts.linux.release()
      await parts.linux[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
