import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, realpath, rename, stat } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'

export class FileFault extends Error {
  override name = 'FileFault'
  readonly status: 400 | 404 | 409 | 413

  constructor(status: FileFault['status'], message: string) {
    super(message)
    this.status = status
  }
}

export interface FileText {
  path: string
  text: string
  /** Changes with the content; a save names the one it was made from. */
  version: string
}

const sizeLimit = 1024 * 1024
const mostEntries = 500

const versionOf = (text: string | Buffer) => createHash('sha256').update(text).digest('hex').slice(0, 16)

/** A path in the lesson's folder; links that lead out of it are not followed. */
async function inside(folder: string, path: string): Promise<string> {
  const target = resolve(folder, path)
  const within = (root: string, one: string) => one === root || one.startsWith(root + sep)
  if (!within(folder, target)) throw new FileFault(400, `${path} is outside the lesson's folder`)
  const root = await realpath(folder)
  for (let parent = target; parent.length >= folder.length; parent = dirname(parent)) {
    const real = await realpath(parent).catch(() => undefined)
    if (real === undefined) continue
    if (!within(root, real)) throw new FileFault(400, `${path} is outside the lesson's folder`)
    break
  }
  return target
}

/** Every file of the folder, sorted, `/` between names. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !path.split(sep).includes('node_modules'))
    .sort()
    .slice(0, mostEntries)
}

export async function readText(folder: string, path: string): Promise<FileText> {
  const target = await inside(folder, path)
  const info = await stat(target).catch(() => undefined)
  if (!info?.isFile()) throw new FileFault(404, `${path} is not a file`)
  if (info.size > sizeLimit) throw new FileFault(413, `${path} is too large for the editor`)
  const bytes = await readFile(target)
  return { path, text: bytes.toString(), version: versionOf(bytes) }
}

/**
 * Saves, unless the file on disk is another one than the editor began with: then nothing is written and the answer
 * (409) brings both texts together in the page.
 */
export async function writeText(folder: string, path: string, text: string, from: string | null): Promise<FileText> {
  if (Buffer.byteLength(text) > sizeLimit) throw new FileFault(413, `${path} is too large for the editor`)
  const target = await inside(folder, path)
  const current = await readFile(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    if (error.code === 'EISDIR') throw new FileFault(400, `${path} is a folder`)
    throw error
  })
  const version = current === undefined ? null : versionOf(current)
  if (version !== from && current?.toString() !== text) throw new FileFault(409, `${path} has changed on disk`)
  await mkdir(dirname(target), { recursive: true })
  const fresh = `${target}.saving-${process.pid}`
  {
    await using handle = await open(fresh, 'w', current === undefined ? 0o644 : (await stat(target)).mode & 0o777)
    await handle.writeFile(text)
    await handle.sync()
  }
  await rename(fresh, target)
  return { path, text, version: versionOf(text) }
}
