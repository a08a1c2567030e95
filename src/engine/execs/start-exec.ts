import type { ExecProcess } from '../../linux/index.ts'
import { ClientStreams } from '../containers/attachment.ts'
import type { Container } from '../containers/container.ts'
import { execFailure } from '../containers/runtime-error.ts'
import type { Attachment } from '../contract.ts'
import { type Core, containerEvent } from '../core/core.ts'
import { conflict, notFound } from '../engine-error.ts'
import { commandLine, refuseInactive } from './create-exec.ts'
import type { Exec } from './exec.ts'
import { execProcess } from './exec-process.ts'

export function getExec(core: Core, id: string): Exec {
  const exec = core.execs.get(id)
  if (!exec) throw notFound(`No such exec instance: ${id}`)
  return exec
}

export interface StartExecOptions {
  detach?: boolean
  tty?: boolean
  consoleSize?: [number, number]
}

/** `docker exec`'s second half. null where nobody wants to see it. */
export async function startExec(core: Core, id: string, options: StartExecOptions): Promise<Attachment | null> {
  const exec = getExec(core, id)
  const container = core.containers.byId(exec.containerId)
  if (!container) throw notFound(`No such container: ${id}`)
  refuseInactive(container, container.id)
  if (exec.exitCode !== null) throw conflict(`exec command ${id} has already run`)
  if (exec.running) throw conflict(`exec command ${id} is already running`)
  exec.running = true
  const { config } = exec
  containerEvent(core, container, `exec_start: ${commandLine(config)}`, { execID: id })
  let process: ExecProcess
  try {
    process = await launch(core, container, exec, options)
  } catch (error) {
    exec.running = false
    exec.endedAt = Date.now()
    container.execIds.delete(id)
    const failure = execFailure(error, config.Cmd?.[0] ?? '')
    exec.exitCode = failure.exitCode
    throw failure.error
  }
  exec.process = process
  core.background.run('the end of an exec', () => finish(core, container, exec, process))
  if (options.detach) {
    process.output.resume()
    return null
  }
  const client = new ClientStreams({
    tty: config.Tty ?? false,
    stdin: config.AttachStdin ?? false,
    stdout: config.AttachStdout ?? false,
    stderr: config.AttachStderr ?? false,
    detachKeys: config.Tty ? exec.detachKeys : null,
    onDetach: () => containerEvent(core, container, 'exec_detach', { execID: id }),
  })
  client.join(process)
  return client
}

async function launch(core: Core, container: Container, exec: Exec, options: StartExecOptions): Promise<ExecProcess> {
  const { config } = exec
  const consoleSize = options.consoleSize ?? config.ConsoleSize ?? undefined
  return await core.linux.containers.exec(container.id, {
    process: execProcess(core, container, {
      args: config.Cmd ?? [],
      user: exec.user,
      cwd: exec.workingDir,
      env: exec.env,
      terminal: config.Tty ?? false,
      privileged: config.Privileged ?? false,
      ...(consoleSize && { consoleSize }),
    }),
    stdin: (config.AttachStdin ?? false) && !options.detach,
  })
}

async function finish(core: Core, container: Container, exec: Exec, process: ExecProcess): Promise<void> {
  exec.exitCode = await process.exited
  exec.running = false
  exec.endedAt = Date.now()
  container.execIds.delete(exec.id)
  containerEvent(core, container, 'exec_die', { execID: exec.id, exitCode: String(exec.exitCode) })
}
