import { lstatSync } from 'node:fs'
import { basename, posix } from 'node:path'
import type { Readable } from 'node:stream'
import { extractTree, OciError, packTree } from '../../oci/index.ts'
import { type Core, containerEvent } from '../core/core.ts'
import { EngineError, invalid, notFound, system } from '../engine-error.ts'
import { containerTree } from '../rootfs/container-tree.ts'
import { resolveInRoot } from '../rootfs/scoped-path.ts'
import type { PathStat } from '../shapes/index.ts'
import { resolveUser } from '../spec/index.ts'
import type { Container } from './container.ts'
import { followsLast, pathStat } from './path-stat.ts'

function failure(error: unknown, path: string, ref: string): unknown {
  if (error instanceof EngineError) return error
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT') return notFound(`Could not find the file ${path} in container ${ref}`, { cause: error })
  if (code === 'ENOTDIR') return invalid(`${path}: not a directory`, { cause: error })
  if (
    error instanceof OciError &&
    (error.code === 'conflict' || error.code === 'corrupt' || error.code === 'unsafe-path')
  ) {
    return invalid(error.message, { cause: error })
  }
  return system((error as Error).message, { cause: error })
}

function checkPath(path: string): void {
  if (path === '') throw invalid("bad parameter: 'path' cannot be empty")
}

/** HEAD of `docker cp`. */
export async function statContainerPath(core: Core, ref: string, path: string): Promise<PathStat> {
  checkPath(path)
  const container = core.containers.get(ref)
  await using tree = await containerTree(core, container)
  try {
    return pathStat(tree.path, path)
  } catch (error) {
    throw failure(error, path, ref)
  }
}

/** `docker cp` out of a container. */
export async function archiveOf(core: Core, ref: string, path: string): Promise<{ stat: PathStat; tar: Readable }> {
  checkPath(path)
  const container = core.containers.get(ref)
  const tree = await containerTree(core, container)
  try {
    const stat = pathStat(tree.path, path)
    const host = resolveInRoot(tree.path, posix.join('/', path), { last: followsLast(path) })
    const inside = host.slice(tree.path.length) || '/'
    const ends = path.endsWith('/.') || inside === '/'
    const tar = packTree(tree.path, { path: inside, rename: ends ? '' : basename(posix.join('/', path)) })
    tar.once('close', () =>
      core.background.run('letting go of a tree', () => Promise.resolve(tree[Symbol.asyncDispose]())),
    )
    containerEvent(core, container, 'archive-path')
    return { stat, tar }
  } catch (error) {
    await tree[Symbol.asyncDispose]()
    throw failure(error, path, ref)
  }
}

function refuseReadonly(container: Container, path: string): void {
  const inside = (folder: string) => path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`)
  const mount = container.record.mounts
    .filter(({ Destination }) => inside(Destination))
    .toSorted((a, b) => b.Destination.length - a.Destination.length)[0]
  if (mount) {
    if (!mount.RW) throw invalid('mounted volume is marked read-only')
    return
  }
  if (container.record.hostConfig.ReadonlyRootfs) throw invalid('container rootfs is marked read-only')
}

export interface PutArchiveOptions {
  noOverwriteDirNonDir?: boolean
  copyUidGid?: boolean
}

/** `docker cp` into a container. */
export async function extractInto(
  core: Core,
  ref: string,
  path: string,
  tar: AsyncIterable<Uint8Array>,
  options: PutArchiveOptions = {},
): Promise<void> {
  checkPath(path)
  const container = core.containers.get(ref)
  await using tree = await containerTree(core, container)
  try {
    const host = resolveInRoot(tree.path, posix.join('/', path))
    if (!lstatSync(host).isDirectory()) throw invalid('extraction point is not a directory')
    const inside = host.slice(tree.path.length) || '/'
    refuseReadonly(container, inside)
    const user = options.copyUidGid ? resolveUser(container.record.config.User ?? '', tree.path) : undefined
    await extractTree(tree.path, tar, {
      path: inside,
      ...(options.noOverwriteDirNonDir && { noOverwriteDirNonDir: true }),
      ...(user && { owner: { uid: user.uid, gid: user.gid } }),
    })
  } catch (error) {
    throw failure(error, path, ref)
  }
  containerEvent(core, container, 'extract-to-dir')
}
