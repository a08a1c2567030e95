import type { TerminalSize } from '../../linux/index.ts'
import type { Core } from '../core/core.ts'
import { invalid } from '../engine-error.ts'
import type { ExecInspect } from '../shapes/index.ts'
import { getExec } from './start-exec.ts'

export function inspectExec(core: Core, id: string): ExecInspect {
  const exec = getExec(core, id)
  const { config } = exec
  const [entrypoint = '', ...args] = config.Cmd ?? []
  return {
    ID: id,
    Running: exec.running,
    ExitCode: exec.exitCode,
    ProcessConfig: {
      tty: config.Tty ?? false,
      entrypoint,
      arguments: args,
      privileged: config.Privileged ?? false,
      ...(exec.user && { user: exec.user }),
    },
    OpenStdin: config.AttachStdin ?? false,
    OpenStderr: config.AttachStderr ?? false,
    OpenStdout: config.AttachStdout ?? false,
    CanRemove: false,
    ContainerID: exec.containerId,
    DetachKeys: exec.config.DetachKeys ? (exec.detachKeys?.toString('base64') ?? '') : '',
    Pid: exec.process?.pid ?? 0,
  }
}

export async function resizeExec(core: Core, id: string, size: TerminalSize): Promise<void> {
  const exec = getExec(core, id)
  if (!exec.process || !exec.running) throw invalid('exec process is not started')
  exec.process.resize(size)
}
