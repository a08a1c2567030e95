import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Linux, Log } from '../../linux/index.ts'

/** Ends what steps of a killed process have left: a container that runs on, a mount, files. */
export async function recoverSteps(folder: string, linux: Linux, log: Log): Promise<void> {
  const found = await readdir(folder)
  if (found.length === 0) return
  for (const prefix of found) {
    const id = await containerOf(join(folder, prefix))
    if (id !== undefined) await linux.containers.delete(id)
  }
  for (const target of linux.overlays.mounted(folder)) linux.overlays.unmount(target)
  for (const name of found) await rm(join(folder, name), { recursive: true, force: true })
  log.info({ steps: found.length }, 'builds that were under way have been cleaned up')
}

/** The container that a step was running, if it was running one. */
async function containerOf(folder: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, 'container'), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined
    throw error
  }
}
