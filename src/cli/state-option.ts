import { Command, Option } from 'commander'
import { defaultStateDir, type Instance, instanceAt } from '../daemon/index.ts'
import { say } from './messages/language.ts'

/** A subcommand with the options that all have, and an example under its help. */
export function instanceCommand(name: string, description: string, ...examples: string[]): Command {
  return new Command(name)
    .description(description)
    .addOption(new Option('--state <dir>', say.optionState).env('MANUFACTURE_STATE').default(defaultStateDir()))
    .addHelpText('after', `\n${say.example}:\n${examples.map((example) => `  ${example}`).join('\n')}`)
}

export interface StateOption {
  state: string
}

export function instanceOf(options: StateOption): Instance {
  return instanceAt(options.state)
}
