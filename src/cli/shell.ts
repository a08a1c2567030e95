import { spawnSync } from 'node:child_process'
import type { Command } from 'commander'
import { clientsPath } from './clients.ts'
import { clientEnvironment } from './env.ts'
import { CliError } from './exit-codes.ts'
import { say } from './messages/language.ts'
import { remark } from './output.ts'
import { instanceCommand, instanceOf, type StateOption } from './state-option.ts'
import { runningDaemon } from './status.ts'

export function shellCommand(): Command {
  return instanceCommand('shell', say.shellDescription, 'manufacture shell', 'manufacture shell -- docker ps')
    .argument('[command...]')
    .action(async (command: string[], options: StateOption) => {
      const instance = instanceOf(options)
      const status = await runningDaemon(instance)
      const shell = process.env.SHELL || '/bin/sh'
      if (command.length === 0) remark(say.shellWelcome)
      const [program, ...args] = command.length === 0 ? [shell] : command
      const child = spawnSync(program ?? shell, args, {
        stdio: 'inherit',
        env: { ...process.env, ...clientEnvironment(status), PATH: clientsPath(instance) },
      })
      if (child.error) throw new CliError(child.error.message)
      process.exitCode = child.status ?? 128
    })
}
