import { type Core, containerEvent } from '../core/core.ts'
import { parseSignal } from '../core/signals.ts'
import { conflict, EngineError, system } from '../engine-error.ts'
import { cancelRestart } from './cancel-restart.ts'
import type { Container } from './container.ts'

export const sigkill = 9
const killTimeoutMs = 10_000

export const notRunning = (container: Container) => conflict(`container ${container.id} is not running`)

/** `docker kill`. */
export async function killContainer(core: Core, ref: string, signal?: string): Promise<void> {
  const number = signal ? parseSignal(signal) : sigkill
  const container = core.containers.get(ref)
  try {
    if (number === sigkill) await killAndWait(core, container)
    else await sendSignal(core, container, number)
  } catch (error) {
    const kind = error instanceof EngineError ? error.kind : 'system'
    throw new EngineError(kind, `cannot kill container: ${ref}: ${(error as Error).message}`, { cause: error })
  }
}

/** Sends a signal to the container's first process. One that ends it holds back the restart policy. */
export async function sendSignal(core: Core, container: Container, signal: number): Promise<void> {
  using _held = await container.mutex.lock()
  if (!container.running) throw notRunning(container)
  const { record } = container
  const own = record.config.StopSignal ? parseSignal(record.config.StopSignal) : undefined
  const ends = own === undefined || signal === sigkill || own === signal
  if (!core.closing.signal.aborted && !record.manuallyStopped) {
    record.manuallyStopped = true
    await core.containers.save(container)
  }
  if (record.state.status === 'restarting') {
    await cancelRestart(core, container)
    return
  }
  await core.linux.containers.signal(record.id, signal)
  if (ends && container.paused) {
    await core.linux.containers.resume(record.id)
    record.state.status = 'running'
  }
  containerEvent(core, container, 'kill', { signal: String(signal) })
}

/** Resolves when it is dead and recorded as such. */
export async function killAndWait(core: Core, container: Container): Promise<void> {
  if (!container.running) throw notRunning(container)
  const ended = container.ended?.promise
  await sendSignal(core, container, sigkill)
  if (!ended || !container.running) return
  if (await within(ended, killTimeoutMs)) return
  await core.linux.containers.signal(container.id, sigkill, { all: true })
  if (!(await within(ended, 2000))) throw system('tried to kill container, but did not receive an exit event')
}

/** Whether it came in time. */
export async function within(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds)
  })
  try {
    return await Promise.race([promise.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}
