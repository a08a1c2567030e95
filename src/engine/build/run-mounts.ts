import { createHash } from 'node:crypto'
import { chmod, chown, lstat, mkdir, readdir, rm, rmdir, writeFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { extractTree, resolveInRoot } from '../../oci/index.ts'
import { Mutex } from '../core/mutex.ts'
import type { SpecMount } from '../spec/index.ts'
import { BuildError } from './build-error.ts'
import { type CopySource, keepEverything } from './copy-source.ts'
import type { RunMount } from './operation.ts'

export interface PreparedMounts extends AsyncDisposable {
  readonly mounts: readonly SpecMount[]
  /** Secrets that are variables. */
  readonly env: readonly string[]
}

export interface MountOptions {
  /** A folder of this step's own. */
  readonly folder: string
  readonly caches: CacheMounts
  readonly secrets: Readonly<Record<string, Uint8Array>>
  readonly source: (mount: RunMount) => Promise<CopySource>
}

/** Folders that outlive builds (`--mount=type=cache`), by id. */
export class CacheMounts {
  readonly folder: string
  readonly #locks = new Map<string, Mutex>()
  readonly #used = new Set<string>()

  constructor(folder: string) {
    this.folder = folder
  }

  inUse(name: string): boolean {
    return this.#used.has(name)
  }

  async take(mount: RunMount, fill: (folder: string) => Promise<void>): Promise<{ folder: string } & AsyncDisposable> {
    const id = mount.id || posix.normalize(mount.target)
    const name = createHash('sha256')
      .update(JSON.stringify([id, mount.from]))
      .digest('hex')
      .slice(0, 32)
    const mutex = this.#locks.get(name) ?? new Mutex()
    this.#locks.set(name, mutex)
    const held = mount.sharing === 'locked' ? await mutex.lock() : undefined
    let own = name
    // a private cache that somebody is using is not shared: this step gets another one
    if (mount.sharing === 'private') for (let copy = 1; this.#used.has(own); copy++) own = `${name}-${copy}`
    this.#used.add(own)
    const folder = join(this.folder, own, 'data')
    const fresh = await mkdir(folder, { recursive: true })
    if (fresh !== undefined) {
      await chmod(folder, mount.mode ?? 0o755)
      await chown(folder, mount.uid ?? 0, mount.gid ?? 0)
      await writeFile(join(this.folder, own, 'id'), id)
      await fill(folder)
    }
    return {
      folder,
      [Symbol.asyncDispose]: async () => {
        this.#used.delete(own)
        held?.[Symbol.dispose]()
      },
    }
  }
}

export async function prepareMounts(mounts: readonly RunMount[], options: MountOptions): Promise<PreparedMounts> {
  await using stack = new AsyncDisposableStack()
  const prepared: SpecMount[] = []
  const env: string[] = []
  for (const [index, mount] of mounts.entries()) {
    const place = join(options.folder, `mount-${index}`)
    switch (mount.type) {
      case 'ssh':
        throw new BuildError(
          'the --mount=type=ssh option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled',
          { status: 400 },
        )
      case 'tmpfs':
        prepared.push({
          type: 'tmpfs',
          destination: mount.target,
          options: mount.sizeBytes > 0 ? `exec,size=${mount.sizeBytes}` : 'exec',
        })
        break
      case 'secret': {
        const secret = await secretMount(mount, place, options.secrets)
        prepared.push(...secret.mounts)
        env.push(...secret.env)
        break
      }
      case 'cache': {
        const taken = await options.caches.take(mount, async (folder) => {
          if (mount.from === '') return
          await copyOut(await options.source(mount), mount.source, folder)
        })
        stack.use(taken)
        prepared.push(bind(taken.folder, mount.target, !mount.readOnly))
        break
      }
      case 'bind': {
        await mkdir(place, { recursive: true, mode: 0o755 })
        const single = await copyOut(await options.source(mount), mount.source, place)
        prepared.push(bind(single ?? place, mount.target, !mount.readOnly))
      }
    }
  }
  const release = stack.move()
  return { mounts: prepared, env, [Symbol.asyncDispose]: () => release.disposeAsync() }
}

function bind(source: string, destination: string, writable: boolean): SpecMount {
  return { type: 'bind', source, destination, writable, propagation: '' }
}

/** What is written to a bind mount is thrown away, so it is a copy. Gives the file's place where it is a file. */
async function copyOut(source: CopySource, path: string, folder: string): Promise<string | undefined> {
  const clean = posix.resolve('/', path).slice(1)
  const item = await source.item(clean)
  if (!item) throw new BuildError(`failed to mount: stat /${clean}: file does not exist`, { status: 400 })
  const name = item.directory ? '' : posix.basename(clean)
  await extractTree(folder, source.tar(item, name, keepEverything))
  return item.directory ? undefined : join(folder, name)
}

async function secretMount(
  mount: RunMount,
  place: string,
  secrets: Readonly<Record<string, Uint8Array>>,
): Promise<{ mounts: SpecMount[]; env: string[] }> {
  const id = mount.source || mount.id || posix.basename(mount.target)
  const value = Object.hasOwn(secrets, id) ? secrets[id] : undefined
  if (!value) {
    if (mount.required) throw new BuildError(`secret ${id}: not found`, { status: 400 })
    return { mounts: [], env: [] }
  }
  const env = mount.env === undefined ? [] : [`${mount.env || id}=${Buffer.from(value).toString('utf8')}`]
  if (mount.env !== undefined && mount.target === '') return { mounts: [], env }
  await writeFile(place, value, { mode: 0o400 })
  await chmod(place, mount.mode ?? 0o400)
  await chown(place, mount.uid ?? 0, mount.gid ?? 0)
  return { mounts: [bind(place, mount.target || `/run/secrets/${posix.basename(id)}`, false)], env }
}

/** Which parts of the mounts' targets the root lacks: the runtime makes them, and they must not stay. */
export async function missingTargets(root: string, targets: readonly string[]): Promise<string[]> {
  const missing: string[] = []
  for (const target of targets) {
    const parts = target.split('/').filter(Boolean)
    for (let depth = 1; depth <= parts.length; depth++) {
      const path = `/${parts.slice(0, depth).join('/')}`
      try {
        await lstat(await resolveInRoot(root, path, { followLast: true }))
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')))
          throw error
        missing.push(path)
      }
    }
  }
  // what lies deeper goes first
  return [...new Set(missing)].sort((left, right) => right.length - left.length)
}

/** Takes what the runtime made as a place to mount on out of the step's changes, where nothing was put into it. */
export async function dropStubs(upper: string, missing: readonly string[]): Promise<void> {
  for (const path of missing) {
    const place = join(upper, path)
    try {
      const found = await lstat(place)
      if (found.isDirectory()) {
        if ((await readdir(place)).length === 0) await rmdir(place)
      } else if (found.isFile() && found.size === 0) await rm(place)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')))
        throw error
    }
  }
}
