import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { hostFacts, machineNeeds } from '../linux/index.ts'
import { exitCodes } from './exit-codes.ts'
import { say } from './messages/language.ts'
import { bold, green, print, printTable } from './output.ts'
import { whatIsMissing } from './requirements.ts'

export function doctorCommand(): Command {
  return new Command('doctor')
    .description(say.doctorDescription)
    .option('--json', say.optionJson)
    .addHelpText('after', `\n${say.example}:\n  manufacture doctor`)
    .action((options: { json?: boolean }) => {
      const lack = whatIsMissing()
      if (lack.needs.length > 0) process.exitCode = exitCodes.missing
      if (options.json) {
        print(JSON.stringify({ host: hostFacts(), needs: machineNeeds(), command: lack.command ?? null }, null, 2))
        return
      }
      printTable(machineNeeds().map((need) => [need.present ? green('✓') : '✗', `${need.name} (${need.kind})`]))
      if (lack.needs.length === 0) {
        print(say.doctorGood)
      } else if (lack.command) {
        print(say.doctorCommand)
        print(`  ${bold(`${existsSync('/usr/bin/apt-get') ? '' : '# Debian: '}${lack.command}`)}`)
      }
    })
}
