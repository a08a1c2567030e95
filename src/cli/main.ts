import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { CliError, exitCodes } from './exit-codes.ts'
import { say } from './messages/language.ts'
import { printError } from './output.ts'

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

/** A command's file is loaded when it is asked for: `status` does not wait for the parts of `lesson`. */
const loaders: Record<string, () => Promise<Command>> = {
  up: async () => (await import('./up.ts')).upCommand(),
  down: async () => (await import('./down.ts')).downCommand(),
  status: async () => (await import('./status.ts')).statusCommand(),
  env: async () => (await import('./env.ts')).envCommand(),
  shell: async () => (await import('./shell.ts')).shellCommand(),
  doctor: async () => (await import('./doctor.ts')).doctorCommand(),
  logs: async () => (await import('./logs.ts')).logsCommand(),
  library: async () => (await import('./library.ts')).libraryCommand(),
  lesson: async () => (await import('./lesson.ts')).lessonCommand(),
  test: async () => (await import('./test.ts')).testCommand(),
}

const asked = process.argv.slice(2).find((word) => !word.startsWith('-'))
const chosen = asked === undefined || asked === 'help' ? undefined : loaders[asked]
for (const load of chosen ? [chosen] : Object.values(loaders)) program.addCommand((await load()).exitOverride())

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
