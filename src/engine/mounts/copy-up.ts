import { execFile } from 'node:child_process'
import { chmodSync, chownSync, readdirSync, statSync } from 'node:fs'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What an image has at a volume's place comes into the volume, if that is empty. Owners, modes and attributes stay. */
export async function copyUp(source: string, target: string): Promise<void> {
  let stat: ReturnType<typeof statSync>
  try {
    stat = statSync(source)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  if (!stat?.isDirectory() || readdirSync(target).length > 0) return
  if (readdirSync(source).length > 0) await run('cp', ['-a', '--', `${source}/.`, target])
  chownSync(target, stat.uid, stat.gid)
  chmodSync(target, stat.mode & 0o7777)
}
