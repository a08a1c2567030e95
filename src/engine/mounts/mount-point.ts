import { statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Another file system than its parent's. */
export function isMountPoint(path: string): boolean {
  return statSync(path).dev !== statSync(dirname(path)).dev
}
