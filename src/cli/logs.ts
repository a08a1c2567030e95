import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { CliError, exitCodes } from './exit-codes.ts'
import { say } from './messages/language.ts'
import { instanceCommand, instanceOf, type StateOption } from './state-option.ts'

interface LogsOptions extends StateOption {
  follow?: boolean
  tail?: string
}

export function logsCommand(): Command {
  return instanceCommand('logs', say.logsDescription, 'manufacture logs --follow --tail 20')
    .option('-f, --follow', say.logsFollow)
    .option('-n, --tail <lines>', say.logsTail)
    .action(async (options: LogsOptions) => {
      const { logFile } = instanceOf(options)
      if (!existsSync(logFile)) {
        throw new CliError(say.notRunning, { exitCode: exitCodes.notRunning, next: say.notRunningNext })
      }
      const args = ['-n', options.tail ?? '+1', ...(options.follow ? ['-F'] : []), logFile]
      const tail = spawn('tail', args, { stdio: 'inherit' })
      process.exitCode = await new Promise<number>((resolve, reject) => {
        tail.once('error', reject)
        tail.once('exit', (code) => resolve(code ?? exitCodes.ok))
      })
    })
}
