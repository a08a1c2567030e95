import { rm } from 'node:fs/promises'
import type { Command } from 'commander'
import { contextName, looksLikeStateDir, stopDaemon, wipeInstance } from '../daemon/index.ts'
import { removeClientLinks } from './clients.ts'
import { removeDockerContext } from './docker-context.ts'
import { CliError } from './exit-codes.ts'
import { removeFromKubeconfig } from './kubeconfig.ts'
import { say } from './messages/language.ts'
import { print, withProgress } from './output.ts'
import { instanceCommand, instanceOf, type StateOption } from './state-option.ts'

const stopLimitSeconds = 60

export function downCommand(): Command {
  return instanceCommand('down', say.downDescription, 'manufacture down', 'manufacture down --wipe')
    .option('--wipe', say.downWipe)
    .action(async (options: StateOption & { wipe?: boolean }) => {
      const instance = instanceOf(options)
      if (options.wipe && !(await looksLikeStateDir(instance))) throw new CliError(say.notOurs(instance.stateDir))
      const outcome = await withProgress(say.stopping, () => stopDaemon(instance, stopLimitSeconds))
      if (outcome.kind === 'timeout') throw new CliError(say.stopTimeout(outcome.pid, stopLimitSeconds))
      if (!options.wipe) {
        print(outcome.kind === 'stopped' ? say.stopped : say.nothingToStop)
        return
      }
      await withProgress(say.stopping, () => wipeInstance(instance))
      await removeClientLinks(instance)
      await removeDockerContext(contextName(instance))
      await removeFromKubeconfig(contextName(instance))
      await rm(instance.stateDir, { recursive: true, force: true })
      print(say.wiped)
    })
}
