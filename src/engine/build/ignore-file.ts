import dockerignore from '@balena/dockerignore'
import { type ContextTree, cleanContextPath } from './context-tree.ts'

/** `.dockerignore`, or the one that belongs to this Dockerfile alone. */
export interface Ignore {
  readonly patterns: readonly string[]
  readonly exceptions: boolean
  excludes(path: string): boolean
}

/** Whether a path, or a folder above it, matches the patterns: Docker's rules, not git's. */
export function patternMatcher(patterns: readonly string[]): (path: string) => boolean {
  const matcher = dockerignore.default().add([...patterns])
  return (path) => matcher.ignores(path)
}

export const nothingIgnored: Ignore = { patterns: [], exceptions: false, excludes: () => false }

export function parseIgnore(text: string): Ignore {
  const patterns = text
    .replace(/^\ufeff/, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  if (patterns.length === 0) return nothingIgnored
  const matches = patternMatcher(patterns)
  return {
    patterns,
    exceptions: patterns.some((pattern) => pattern.startsWith('!')),
    excludes: (path) => path !== '' && path !== '.' && matches(cleanContextPath(path)),
  }
}

/** `<Dockerfile>.dockerignore` goes before `.dockerignore`. */
export async function readIgnore(
  tree: ContextTree,
  dockerfile: string,
  read: (digest: string) => Promise<string>,
): Promise<Ignore> {
  for (const name of [`${cleanContextPath(dockerfile)}.dockerignore`, '.dockerignore']) {
    const entry = tree.resolve(name)
    if (entry?.type === 'file') return parseIgnore(await read(entry.digest))
  }
  return nothingIgnored
}
