import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'

/**
 * A room in a process of its own: Kubernetes and the workshop, so that a long list or a flooded terminal there never
 * makes `docker run` wait. The child prints one JSON line when it is ready and ends when its input ends, so it cannot
 * outlive this process, however this process dies.
 */
export interface RoomProcess<Ready> extends AsyncDisposable {
  readonly pid: number
  readonly ready: Ready
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise((resolve) => child.once('exit', resolve))
}

const stopLimitMs = 10_000

/** Half of the usual young generation: garbage of requests fits, and a quarter of the memory is saved. */
const nodeFlags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=8']

/** @throws when the process ends before it is ready; why is in the log */
export async function startRoomProcess<Ready>(
  main: string,
  args: readonly string[],
  log: Logger,
): Promise<RoomProcess<Ready>> {
  const path = fileURLToPath(new URL(main, import.meta.url))
  const child = spawn(process.execPath, [...nodeFlags, path, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const failed = new Promise<never>((_resolve, reject) => child.once('error', reject))
  const lines = createInterface({ input: child.stdout })
  const first = await Promise.race([
    new Promise<string>((resolve) => lines.once('line', resolve)),
    ended(child).then(() => undefined),
    failed,
  ])
  if (first === undefined) throw new Error(`Cannot start ${main}: the process ended before it was ready`)
  let stopping = false
  child.once('exit', (code, signal) => {
    if (!stopping) log.error({ main, code, signal }, 'a room ended')
  })
  return {
    pid: child.pid ?? 0,
    ready: JSON.parse(first) as Ready,
    async [Symbol.asyncDispose]() {
      stopping = true
      child.kill('SIGTERM')
      const hard = setTimeout(() => child.kill('SIGKILL'), stopLimitMs)
      await ended(child)
      clearTimeout(hard)
    },
  }
}
