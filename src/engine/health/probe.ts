import type { OutputChunk } from '../../linux/index.ts'
import type { Container } from '../containers/container.ts'
import type { Core } from '../core/core.ts'
import { timestamp } from '../core/timestamp.ts'
import { createExec } from '../execs/create-exec.ts'
import { getExec, startExec } from '../execs/start-exec.ts'
import type { HealthResult } from '../shapes/index.ts'

const keptOutput = 4096

/** The command of a health check; null where there is none. */
export function probeCommand(container: Container): string[] | null {
  const { Healthcheck, Shell } = container.record.config
  const [kind, ...words] = Healthcheck?.Test ?? []
  if (kind === 'CMD') return words
  if (kind === 'CMD-SHELL') return [...(Shell?.length ? Shell : ['/bin/sh', '-c']), ...words]
  return null
}

/** Go's way to write a duration. */
export function durationText(ns: number): string {
  const seconds = ns / 1e9
  if (seconds < 1) return ns >= 1e6 ? `${ns / 1e6}ms` : `${ns / 1e3}µs`
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  const rest = Number((seconds % 60).toFixed(9))
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${rest}s`
}

/** Runs the check once. A check that cannot be run is a failure like another. */
export async function probe(
  core: Core,
  container: Container,
  command: string[],
  timeoutNs: number,
): Promise<HealthResult> {
  const Start = timestamp()
  const result = (ExitCode: number, Output: string): HealthResult => ({ Start, End: timestamp(), ExitCode, Output })
  const timer = new AbortController()
  try {
    const { Id } = await createExec(core, container.id, { Cmd: command, AttachStdout: true, AttachStderr: true })
    await using streams = await startExec(core, Id, {})
    const process = getExec(core, Id).process
    if (!streams || !process) return result(-1, '')
    let output = ''
    let more = false
    streams.output.on('data', ({ data }: OutputChunk) => {
      const room = keptOutput - output.length
      if (data.length > room) more = true
      if (room > 0) output += data.subarray(0, room).toString()
    })
    const flowed = new Promise<void>((resolve) => streams.output.once('close', resolve).once('end', resolve))
    const late = core.clock.sleep(timeoutNs / 1e6, timer.signal).then(
      () => 'late' as const,
      () => 'cancelled' as const,
    )
    const ended = await Promise.race([process.exited, late])
    const text = () => (more ? `${output}...` : output)
    if (ended === 'late') {
      process.signal(9)
      const words = `Health check exceeded timeout (${durationText(timeoutNs)})`
      return result(-1, output === '' ? words : `${words}: ${text()}`)
    }
    await flowed
    return result(await process.exited, text())
  } catch (error) {
    return result(-1, (error as Error).message)
  } finally {
    timer.abort()
  }
}
