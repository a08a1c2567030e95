import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Content, openContent } from '../../oci/index.ts'
import type { Log } from '../contract.ts'
import { FileLock } from './file-lock.ts'

const prefix = 'assembly-'

/** A content store for one assembly, gone when it is disposed. */
export interface Workspace extends AsyncDisposable {
  readonly content: Content
}

/** The lock beside the folder tells a later process whether this one still lives. */
export async function openWorkspace(workDir: string, log: Log): Promise<Workspace> {
  await mkdir(workDir, { recursive: true })
  const folder = join(workDir, `${prefix}${randomUUID()}`)
  const lock = FileLock.tryAcquire(`${folder}.lock`)
  const content = await openContent({ folder, log })
  return {
    content,
    [Symbol.asyncDispose]: async () => {
      await content[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
      lock?.[Symbol.dispose]()
      await rm(`${folder}.lock`, { force: true })
    },
  }
}

/** Removes what processes that were killed have left. */
export async function sweepWorkspaces(workDir: string, log: Log): Promise<void> {
  const names = await readdir(workDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  for (const name of names) {
    if (!name.startsWith(prefix) || !name.endsWith('.lock')) continue
    const file = join(workDir, name)
    const lock = FileLock.tryAcquire(file)
    if (!lock) continue
    const folder = file.slice(0, -'.lock'.length)
    log.info({ folder }, 'library: removing a half-made assembly')
    await rm(folder, { recursive: true, force: true })
    lock[Symbol.dispose]()
    await rm(file, { force: true })
  }
}
