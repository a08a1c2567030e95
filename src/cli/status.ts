import type { Command } from 'commander'
import { type DaemonStatus, type Instance, readStatus } from '../daemon/index.ts'
import { CliError, exitCodes } from './exit-codes.ts'
import { say } from './messages/language.ts'
import { print, printTable } from './output.ts'
import { instanceCommand, instanceOf, type StateOption } from './state-option.ts'

/** The running daemon, or an error that says how to start one. */
export async function runningDaemon(instance: Instance): Promise<DaemonStatus> {
  const status = await readStatus(instance)
  if (!status) throw new CliError(say.notRunning, { exitCode: exitCodes.notRunning, next: say.notRunningNext })
  return status
}

export function printStatus(status: DaemonStatus): void {
  const rows: [string, string][] = [
    [say.docker, status.addresses.docker],
    [say.registry, status.addresses.registry],
  ]
  if (status.addresses.kubernetes) rows.push([say.kubernetes, status.addresses.kubernetes])
  if (status.addresses.workshop) rows.push([say.workshop, status.addresses.workshop])
  rows.push([say.state, status.stateDir], [say.pid, String(status.pid)], [say.version, status.version])
  printTable(rows)
}

export function statusCommand(): Command {
  return instanceCommand('status', say.statusDescription, 'manufacture status', 'manufacture status --json')
    .option('--json', say.optionJson)
    .action(async (options: StateOption & { json?: boolean }) => {
      const status = await runningDaemon(instanceOf(options))
      if (options.json) print(JSON.stringify(status, null, 2))
      else printStatus(status)
    })
}
