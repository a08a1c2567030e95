import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'

/** Where root finds programs even when a login shell's PATH has no sbin. */
const folders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

export function findProgram(name: string): string | null {
  for (const folder of new Set([...(process.env.PATH ?? '').split(':').filter((entry) => entry !== ''), ...folders])) {
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error
    }
  }
  return null
}

export function requireProgram(name: string): string {
  const path = findProgram(name)
  if (path === null) throw new Error(`Cannot run containers: the program ${name} is not installed`)
  return path
}
