import type { Core } from '../core/core.ts'
import type { WaitResult } from '../shapes/index.ts'
import type { ContainerEnd } from './container.ts'

export type WaitCondition = 'not-running' | 'next-exit' | 'removed'

const result = ({ exitCode, error }: ContainerEnd): WaitResult => ({
  StatusCode: exitCode,
  ...(error && { Error: { Message: error } }),
})

/** Registered at the call. */
export function waitContainer(
  core: Core,
  ref: string,
  condition: WaitCondition = 'not-running',
  signal?: AbortSignal,
): { ended: Promise<WaitResult> } {
  const container = core.containers.get(ref)
  if (condition === 'not-running' && !container.running) return { ended: Promise.resolve(result(container.lastEnd())) }
  const { promise, resolve, reject } = Promise.withResolvers<WaitResult>()
  const tell = (end: ContainerEnd) => resolve(result(end))
  const waiter = condition === 'removed' ? container.onRemoved(tell) : container.onExit(tell)
  const abort = () => {
    waiter[Symbol.dispose]()
    reject(signal?.reason)
  }
  signal?.addEventListener('abort', abort, { once: true })
  const forget = () => signal?.removeEventListener('abort', abort)
  promise.then(forget, forget)
  if (signal?.aborted) abort()
  return { ended: promise }
}
