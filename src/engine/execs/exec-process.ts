import type { OciProcess } from '../../linux/index.ts'
import type { Container } from '../containers/container.ts'
import type { Core } from '../core/core.ts'
import { containerEnvironment, overlayEnvironment, resolveUser, specProcess } from '../spec/index.ts'

export interface ExecProcessRequest {
  args: string[]
  user: string
  cwd: string
  env: readonly string[]
  terminal: boolean
  privileged: boolean
  consoleSize?: [number, number]
}

/** What a container's own environment is, with more over it. */
export function execEnvironment(container: Container, terminal: boolean, more: readonly string[]): string[] {
  const { config } = container.record
  return overlayEnvironment(
    containerEnvironment({ hostname: config.Hostname ?? '', terminal, own: config.Env ?? [] }),
    more,
  )
}

/** A further process of a running container, with the container's own rights unless privileged. */
export function execProcess(core: Core, container: Container, request: ExecProcessRequest): OciProcess {
  const { hostConfig } = container.record
  return specProcess({
    args: request.args,
    env: [...request.env],
    cwd: request.cwd || '/',
    user: resolveUser(request.user, core.roots.path(container.id), hostConfig.GroupAdd ?? []),
    terminal: request.terminal,
    ...(request.consoleSize && { consoleSize: request.consoleSize }),
    hostConfig: request.privileged ? { ...hostConfig, Privileged: true } : hostConfig,
  })
}
