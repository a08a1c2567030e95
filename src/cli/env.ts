import type { Command } from 'commander'
import type { DaemonStatus } from '../daemon/index.ts'
import { say } from './messages/language.ts'
import { print } from './output.ts'
import { instanceCommand, instanceOf, type StateOption } from './state-option.ts'
import { runningDaemon } from './status.ts'

/** The variables that point the clients at this instance. */
export function clientEnvironment(status: DaemonStatus): Record<string, string> {
  // compose and buildx would ask for BuildKit's own protocol, which this engine does not speak: builds go by POST /build.
  const environment: Record<string, string> = { DOCKER_HOST: status.addresses.docker, DOCKER_BUILDKIT: '0' }
  if (status.kubeconfig) environment.KUBECONFIG = status.kubeconfig
  return environment
}

function shellQuoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

export function envCommand(): Command {
  return instanceCommand('env', say.envDescription, say.envHint).action(async (options: StateOption) => {
    const status = await runningDaemon(instanceOf(options))
    for (const [name, value] of Object.entries(clientEnvironment(status))) print(`export ${name}=${shellQuoted(value)}`)
  })
}
