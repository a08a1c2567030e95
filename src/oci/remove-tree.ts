import { closeSync, constants, lstatSync, openSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs'
import { decodeName, fsPath } from './name-bytes.ts'

/** Like `rm -rf`, but each folder is held open while it is emptied: nobody can lead it elsewhere by a swapped link. */
export function removeTree(path: string): void {
  if (!lstatSync(fsPath(path)).isDirectory()) {
    unlinkSync(fsPath(path))
    return
  }
  const fd = openSync(fsPath(path), constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    for (const name of readdirSync(`/proc/self/fd/${fd}`, 'buffer'))
      removeTree(`/proc/self/fd/${fd}/${decodeName(name)}`)
  } finally {
    closeSync(fd)
  }
  rmdirSync(fsPath(path))
}
