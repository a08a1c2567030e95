import { lstatSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

const mostLinks = 255

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}

/**
 * The host path of a container's path: symbolic links and `..` are followed inside `root`, so that nothing in a hostile
 * image leads outside. Parts that do not exist are kept as they are.
 *
 * @param options.last `false` leaves a symbolic link in the last place as it is
 */
export function resolveInRoot(root: string, path: string, options: { last?: boolean } = {}): string {
  const pending = path.split('/').filter((part) => part !== '' && part !== '.')
  const done: string[] = []
  let links = 0
  while (pending.length > 0) {
    const part = pending.shift() as string
    if (part === '..') {
      done.pop()
      continue
    }
    const here = join(root, ...done, part)
    let isLink = false
    try {
      isLink = lstatSync(here).isSymbolicLink()
    } catch (error) {
      const code = codeOf(error)
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
    }
    if (isLink && (pending.length > 0 || options.last !== false)) {
      links += 1
      if (links > mostLinks) throw Object.assign(new Error(`too many links: ${path}`), { code: 'ELOOP' })
      const target = readlinkSync(here)
      if (target.startsWith('/')) done.length = 0
      pending.unshift(...target.split('/').filter((piece) => piece !== '' && piece !== '.'))
      continue
    }
    done.push(part)
  }
  return done.length === 0 ? root : join(root, ...done)
}

/** A small text file of a root file system; undefined where there is none. */
export function readInRoot(root: string, path: string): string | undefined {
  try {
    return readFileSync(resolveInRoot(root, path), 'utf8')
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR' || code === 'ELOOP') return undefined
    throw error
  }
}
