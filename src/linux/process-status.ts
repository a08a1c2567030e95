import { readFileSync } from 'node:fs'

function statFields(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in parentheses, which may hold anything.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return null
    throw error
  }
}

/** Clock ticks since boot; null where there is no such process. */
export function startTime(pid: number): string | null {
  return statFields(pid)?.[19] ?? null
}

/** A zombie has ended. */
export function isAlive(pid: number, startedAt: string | null): boolean {
  const fields = statFields(pid)
  return fields !== null && fields[0] !== 'Z' && fields[0] !== 'X' && fields[19] === startedAt
}
