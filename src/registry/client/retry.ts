import { setTimeout as delay } from 'node:timers/promises'
import { ErrorResponse } from './error-response.ts'
import { TransportError } from './transport-error.ts'

export type Sleep = (milliseconds: number, signal?: AbortSignal) => Promise<void>

export const sleep: Sleep = (milliseconds, signal) => delay(milliseconds, undefined, signal ? { signal } : {})

const longestWaitMs = 60_000

/** Whether asking again may help: the server is busy or broken, or the line was. */
export function isPassing(error: unknown): boolean {
  if (error instanceof ErrorResponse) return error.status === 429 || error.status === 408 || error.status >= 500
  return (
    error instanceof TransportError && !error.unreachable && error.code !== undefined && passingCodes.has(error.code)
  )
}

const passingCodes = new Set([
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ECONNABORTED',
  'HPE_INVALID_EOF_STATE',
])

/** Doubles each time, half of it by chance; as long as the server says where it says. */
export function waitMs(attempt: number, error: unknown, firstMs = 500): number {
  const told = error instanceof ErrorResponse ? error.retryAfterSeconds : undefined
  if (told !== undefined) return Math.min(told * 1000, longestWaitMs)
  const most = Math.min(firstMs * 2 ** attempt, 8000)
  return most / 2 + Math.random() * (most / 2)
}

/** @throws what the last try threw */
export async function withRetries<T>(
  attempts: number,
  work: () => Promise<T>,
  options: { sleep: Sleep; signal?: AbortSignal | undefined },
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt + 1 >= attempts || !isPassing(error)) throw error
      await options.sleep(waitMs(attempt, error), options.signal)
    }
  }
}
