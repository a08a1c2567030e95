import { type Core, containerEvent } from '../core/core.ts'
import { parseSignal } from '../core/signals.ts'
import { EngineError, notModified, system } from '../engine-error.ts'
import type { Container } from './container.ts'
import { killAndWait, sendSignal, within } from './kill-container.ts'

export interface StopOptions {
  signal?: string
  timeoutSeconds?: number
}

const defaultTimeoutSeconds = 10
const sigterm = 15

/** `docker stop`. @throws notModified where it does not run */
export async function stopContainer(core: Core, ref: string, options: StopOptions = {}): Promise<void> {
  const container = core.containers.get(ref)
  if (options.signal) parseSignal(options.signal)
  if (!container.running) throw notModified('container is already stopped')
  try {
    await stopNow(core, container, options)
  } catch (error) {
    throw system(`cannot stop container: ${ref}: ${(error as Error).message}`, { cause: error })
  }
}

/** Asks, waits, kills. */
export async function stopNow(core: Core, container: Container, options: StopOptions): Promise<void> {
  if (!container.running) return
  const { config } = container.record
  const signal = options.signal || config.StopSignal
  const seconds = options.timeoutSeconds ?? config.StopTimeout ?? defaultTimeoutSeconds
  const ended = container.ended?.promise
  try {
    await sendSignal(core, container, signal ? parseSignal(signal) : sigterm)
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind !== 'conflict') throw error
    // It has ended by itself meanwhile.
    return
  }
  if (ended && container.running) {
    if (seconds < 0) await ended
    else if (!(await within(ended, seconds * 1000)) && container.running) await killAndWait(core, container)
  }
  containerEvent(core, container, 'stop')
}
