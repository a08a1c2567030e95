import { access, constants, readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import type { FileCheck } from '../lesson/format.ts'
import { met, unmet, type Verdict } from './observation.ts'
import { matches } from './pattern.ts'

/** Dockerfile text → one line per instruction: comments gone, continuation lines joined, white space folded. */
export function instructionsOf(text: string): string[] {
  return text
    .replaceAll('\r\n', '\n')
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim().replace(/\s+/g, ' '))
    .filter((line) => line !== '')
}

/** A name in the same folder that is nearly it: `Dockerfile.txt`, `dockerfile`. */
async function nearMiss(path: string): Promise<string> {
  const wanted = basename(path).toLowerCase()
  const names = await readdir(dirname(path)).catch(() => [] as string[])
  return names.find((name) => name !== basename(path) && name.toLowerCase().startsWith(wanted)) ?? ''
}

function inOrder(wanted: readonly string[], lines: readonly string[]): string | undefined {
  let at = 0
  for (const pattern of wanted) {
    const next = lines.findIndex((line, index) => index >= at && matches(pattern, line))
    if (next < 0) return pattern
    at = next + 1
  }
  return undefined
}

export async function evaluateFile(check: FileCheck, folder: string): Promise<Verdict> {
  const path = resolve(folder, check.path)
  if (relative(folder, path).startsWith('..')) throw new Error(`Cannot check ${check.path}: it is outside the lesson`)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'EISDIR') return check.exists === false ? unmet({ what: 'exists', name: check.path }) : met
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
    if (check.exists === false) return met
    return unmet({ what: 'no-file', path: check.path, instead: await nearMiss(path) })
  }
  if (check.exists === false) return unmet({ what: 'exists', name: check.path })
  if (check.contains !== undefined && !matches(check.contains, text)) {
    return unmet({ what: 'file-differs', path: check.path, found: '' })
  }
  if (check.instructions) {
    const lines = instructionsOf(text)
    const missing = inOrder(check.instructions, lines)
    if (missing !== undefined)
      return unmet({ what: 'file-differs', path: check.path, found: lines.join(' / ').slice(0, 200) })
  }
  if (check.executable !== undefined) {
    const executable = await access(join(path), constants.X_OK).then(
      () => true,
      () => false,
    )
    // Root may execute nothing that has no x bit at all, so access(2) tells the truth for root too.
    if (executable !== check.executable)
      return unmet({ what: 'file-differs', path: check.path, found: executable ? '+x' : '-x' })
  }
  return met
}
