import { writeSync } from 'node:fs'
import type { Log } from '../../kube/api/index.ts'

const levels = { debug: 20, info: 30, warn: 40, error: 50 } as const

/** Lines of JSON on standard error, in pino's form, without loading pino: this process should be there at once. */
export function processLog(least: string): Log {
  const threshold = levels[least as keyof typeof levels] ?? levels.info
  const line = (level: keyof typeof levels) => (obj: object, msg?: string) => {
    if (levels[level] < threshold) return
    const fields = Object.fromEntries(
      Object.entries(obj).map(([key, value]) => [key, value instanceof Error ? told(value) : value]),
    )
    writeSync(2, `${JSON.stringify({ level: levels[level], time: Date.now(), pid: process.pid, ...fields, msg })}\n`)
  }
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
}

function told(error: Error): object {
  const cause = error.cause instanceof Error ? { cause: told(error.cause) } : {}
  return { type: error.name, message: error.message, stack: error.stack, ...cause }
}
