import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { doctorCommand } from './doctor.ts'
import { downCommand } from './down.ts'
import { envCommand } from './env.ts'
import { CliError, exitCodes } from './exit-codes.ts'
import { lessonCommand } from './lesson.ts'
import { libraryCommand } from './library.ts'
import { logsCommand } from './logs.ts'
import { say } from './messages/language.ts'
import { printError } from './output.ts'
import { shellCommand } from './shell.ts'
import { statusCommand } from './status.ts'
import { testCommand } from './test.ts'
import { upCommand } from './up.ts'

// `manufacture status | head -1` closes the pipe early: that is the reader's right, not a fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(exitCodes.ok)
})

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const program = new Command('manufacture')
  .description(say.description)
  .version(version, '-V, --version')
  .showHelpAfterError('(manufacture --help)')
  .addHelpText('after', `\n${say.example}:\n  manufacture up\n  docker run -it python:3.9\n\n${say.exitCodes}`)
  .exitOverride()

for (const command of [
  upCommand,
  downCommand,
  statusCommand,
  envCommand,
  shellCommand,
  doctorCommand,
  logsCommand,
  libraryCommand,
  lessonCommand,
  testCommand,
]) {
  program.addCommand(command().exitOverride())
}

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  } else if (error instanceof CliError) {
    printError(error.message, error.next)
    process.exitCode = error.exitCode
  } else {
    throw error
  }
}
