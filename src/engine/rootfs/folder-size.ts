import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'

/** Bytes of all files below, a file with several names once. What goes away meanwhile does not count. */
export async function folderSize(folder: string): Promise<number> {
  const seen = new Set<string>()
  let total = 0
  const pending = [folder]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    try {
      for await (const entry of await opendir(next)) {
        const path = join(next, entry.name)
        if (entry.isDirectory()) pending.push(path)
        else if (entry.isFile()) {
          const stat = await lstat(path)
          if (stat.nlink > 1) {
            const key = `${stat.dev}:${stat.ino}`
            if (seen.has(key)) continue
            seen.add(key)
          }
          total += stat.size
        }
      }
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
    }
  }
  return total
}
